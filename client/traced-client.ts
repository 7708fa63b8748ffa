import type { ClientOptions } from '@temporalio/client';
import { isTracing } from '../telemetry/span.ts';

/**
 * Interceptors that carry the trace of the caller on to the workflow: of this process, or of the program that uses the library and has
 * an OpenTelemetry of its own. Without either nothing is loaded, and nothing is added to what Temporal gets.
 */
export async function tracedClient(): Promise<Pick<ClientOptions, 'interceptors'>> {
  if (!isTracing()) return {};
  const { OpenTelemetryWorkflowClientInterceptor } =
    await import('@temporalio/interceptors-opentelemetry/lib/client/index.js');
  return { interceptors: { workflow: [new OpenTelemetryWorkflowClientInterceptor()] } };
}
