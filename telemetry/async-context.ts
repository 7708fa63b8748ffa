import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api';

/** Keeps the span that code is in over everything that it awaits. */
export function asyncContext(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (context, work, self, ...args) => storage.run(context, () => work.call(self, ...args)),
    bind: (context, target) =>
      typeof target === 'function'
        ? (((...args: unknown[]) =>
            storage.run(context, () =>
              (target as (...given: unknown[]) => unknown)(...args),
            )) as typeof target)
        : target,
    enable: () => manager,
    disable() {
      storage.disable();
      return manager;
    },
  };
  return manager;
}
