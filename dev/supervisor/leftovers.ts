import type { DevFile } from '../../definitions/dev-file.ts';
import { isSameProcess, type ProcessIdentity } from '../../definitions/process-identity.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { findProcesses } from './find-processes.ts';
import { FORLORN, partLabels, stopSteps, type PartName } from './part.ts';
import { stopProcess, type StopStep } from './stop-process.ts';
import { whileWaiting } from './while-waiting.ts';

/**
 * Stops what a killed supervisor left running on this home: what it wrote down, and what has the command line of
 * a part. The worker and the HTTP API go first, as long as they can still write down what they did.
 */
export const stopLeftovers = async (
  record: DevFile | null,
  commandLines: Readonly<Record<PartName, readonly string[]>>,
  report: (line: string) => void,
  hurry?: AbortSignal,
): Promise<void> => {
  const of = (part: PartName): Promise<ProcessIdentity[]> =>
    leftovers(record?.children[part], commandLines[part]);
  const [postgres, temporal, worker, api] = await Promise.all([
    of('postgres'),
    of('temporal'),
    of('worker'),
    of('api'),
  ]);
  const stopAll = stopper(report, hurry);
  const serversLive = postgres.length !== 0 && temporal.length !== 0;
  await Promise.all([
    stopAll('worker', worker, serversLive ? stopSteps.worker : FORLORN),
    stopAll('api', api, serversLive ? stopSteps.api : FORLORN),
  ]);
  await Promise.all([
    stopAll('temporal', temporal, stopSteps.temporal),
    stopAll('postgres', postgres, stopSteps.postgres),
  ]);
};

const leftovers = async (
  recorded: ProcessIdentity | undefined,
  commandLine: readonly string[],
): Promise<ProcessIdentity[]> => {
  const found = await findProcesses(commandLine);
  if (recorded === undefined || found.some(({ pid }) => pid === recorded.pid)) return found;
  return (await isSameProcess(recorded)) ? [...found, recorded] : found;
};

const stopper =
  (report: (line: string) => void, hurry?: AbortSignal) =>
  async (
    part: PartName,
    identities: readonly ProcessIdentity[],
    steps: readonly StopStep[],
  ): Promise<void> => {
    for (const identity of identities) {
      const what = `${partLabels[part]} of an earlier start (process ${identity.pid})`;
      report(`${what} is still there: stopping it.`);
      if (await whileWaiting(`${what} is still stopping`, report, stopProcess(identity, steps, hurry)))
        continue;
      throw new BackhaulError('dev_failed', `${what} cannot be stopped`, {
        action: `Stop process ${identity.pid}, then start again.`,
      });
    }
  };
