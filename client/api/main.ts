import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { serve } from './serve.ts';

/** `--home` tells whose it is. `--listening` is a file into which it writes its process id once it listens. */
const { listening } = parseArgs({
  options: { home: { type: 'string' }, listening: { type: 'string' } },
}).values;

try {
  await serve(process.env, async () => {
    if (listening !== undefined) await writeFile(listening, `${process.pid}`);
  });
} catch (error) {
  if (!(error instanceof BackhaulError)) throw error;
  process.stderr.write(`${error.code}: ${error.message} ${error.action}\n`);
  process.exitCode = error.entry.exit;
}
