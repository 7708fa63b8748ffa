import { DEFAULT_INSTALLATION } from '../vocabulary/installation.ts';
import { readOtelEnvironment } from '../telemetry/otel-environment.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';

/** They tell of themselves, for as long as they live. */
const PROCESSES = ['worker', 'serve', 'dev'];

/** Runs a command in a span of its own, where OTEL_* ask for traces. Of the command line only the command's name is told. */
export async function traced(
  [command = 'help']: readonly string[],
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
  work: () => Promise<number>,
): Promise<number> {
  if (PROCESSES.includes(command)) return work();
  try {
    const { logs, traces } = readOtelEnvironment(env);
    if (logs === null && traces === null) return await work();
    const { startTelemetry } = await import('../telemetry/start-telemetry.ts');
    const { inSpan } = await import('../telemetry/span.ts');
    const telemetry = await startTelemetry(env, {
      process: 'cli',
      installation: env.BACKHAUL_INSTALLATION ?? DEFAULT_INSTALLATION,
      onFault: () => report('The trace of this command could not be exported by OTLP.'),
    });
    try {
      return await inSpan(/^[a-z-]{2,20}$/.test(command) ? `backhaul ${command}` : 'backhaul', {}, work);
    } finally {
      await telemetry.close();
    }
  } catch (error) {
    if (!(error instanceof BackhaulError)) throw error;
    report(`${error.code}: ${error.message} ${error.action}`);
    return error.entry.exit;
  }
}
