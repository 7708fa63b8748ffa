import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { runWorker } from './run-worker.ts';

const report = (line: string): void => void process.stderr.write(`${line}\n`);

try {
  await runWorker(process.env);
} catch (error) {
  if (!(error instanceof BackhaulError)) throw error;
  report(`${error.code}: ${error.message} ${error.action}`);
  process.exitCode = error.entry.exit;
}
process.exit();
