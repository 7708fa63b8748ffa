import { boundLog } from '../bounded-log.ts';
import { logFile, type DevFolders } from './dev-folders.ts';
import { partLabels } from './part.ts';

const INTERVAL_MS = 60_000;

/** A `dev` may run for weeks. */
export const keepLogsBounded = (folders: DevFolders): { stop(): void } => {
  const logs = Object.keys(partLabels).map((part) => logFile(folders, part));
  const timer = setInterval(() => {
    // A full disk stops the copy; the log is then left as it is.
    for (const log of logs) boundLog(log).catch(() => undefined);
  }, INTERVAL_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};
