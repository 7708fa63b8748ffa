import type { DevFile } from '../../definitions/dev-file.ts';
import { isSameProcess, type ProcessIdentity } from '../../definitions/process-identity.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { findProcesses } from './find-processes.ts';
import { partLabels, stopSteps, type PartName } from './part.ts';
import { stopProcess, type StopStep } from './stop-process.ts';
import { whileWaiting } from './while-waiting.ts';

/** A worker without its servers has nothing to finish. */
const FORLORN: readonly StopStep[] = [{ signal: 'SIGTERM', graceMs: 2000 }];

/**
 * Stops what a killed supervisor left running on this home: what it wrote down, and what has the command line of
 * a part. The worker goes first, as long as it can still write down what it did.
 */
export const stopLeftovers = async (
  record: DevFile | null,
  commandLines: Readonly<Record<PartName, readonly string[]>>,
  report: (line: string) => void,
): Promise<void> => {
  const [postgres, temporal, worker] = await Promise.all(
    (['postgres', 'temporal', 'worker'] as const).map((part) =>
      leftovers(record?.children[part], commandLines[part]),
    ),
  );
  const serversLive = postgres?.length !== 0 && temporal?.length !== 0;
  await stopAll('worker', worker ?? [], report, serversLive ? stopSteps.worker : FORLORN);
  await Promise.all([
    stopAll('temporal', temporal ?? [], report, stopSteps.temporal),
    stopAll('postgres', postgres ?? [], report, stopSteps.postgres),
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

const stopAll = async (
  part: PartName,
  identities: readonly ProcessIdentity[],
  report: (line: string) => void,
  steps: readonly StopStep[],
): Promise<void> => {
  for (const identity of identities) {
    const what = `${partLabels[part]} of an earlier start (process ${identity.pid})`;
    report(`${what} is still there: stopping it.`);
    if (await whileWaiting(`${what} is still stopping`, report, stopProcess(identity, steps))) continue;
    throw new BackhaulError('dev_failed', `${what} cannot be stopped`, {
      action: `Stop process ${identity.pid}, then start again.`,
    });
  }
};
