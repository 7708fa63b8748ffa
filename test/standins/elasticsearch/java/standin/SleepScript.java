package standin;

import java.util.Map;
import java.util.Set;
import org.elasticsearch.script.FilterScript;
import org.elasticsearch.script.ScriptContext;
import org.elasticsearch.script.ScriptEngine;

/** The query `{script: {script: {lang: sleep, source: "2"}}}` takes two milliseconds a document, and then keeps it. */
final class SleepScript implements ScriptEngine {
  @Override
  public String getType() {
    return "sleep";
  }

  @Override
  public <T> T compile(String name, String code, ScriptContext<T> context, Map<String, String> options) {
    long pause = Long.parseLong(code);
    FilterScript.Factory factory =
        (params, lookup) ->
            (FilterScript.LeafFactory)
                reader ->
                    new FilterScript(params, lookup, reader) {
                      @Override
                      public boolean execute() {
                        try {
                          Thread.sleep(pause);
                        } catch (InterruptedException e) {
                          Thread.currentThread().interrupt();
                        }
                        return true;
                      }
                    };
    return context.factoryClazz.cast(factory);
  }

  @Override
  public Set<ScriptContext<?>> getSupportedContexts() {
    return Set.of(FilterScript.CONTEXT);
  }
}
