import { product } from '../vocabulary/product.ts';
import { readPairs } from './otel-environment.ts';

export type ExportingProcess = 'worker' | 'serve' | 'cli';

/** What sends telemetry, in the words of OpenTelemetry: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before our own. */
export function resourceAttributes(
  env: NodeJS.ProcessEnv,
  process_: ExportingProcess,
  installation: string,
): Record<string, string> {
  const given = readPairs(env.OTEL_RESOURCE_ATTRIBUTES);
  const named = env.OTEL_SERVICE_NAME?.trim() ?? '';
  return {
    'service.version': product.version,
    'backhaul.process': process_,
    'backhaul.installation': installation,
    ...given,
    'service.name': named === '' ? (given['service.name'] ?? product.name) : named,
  };
}
