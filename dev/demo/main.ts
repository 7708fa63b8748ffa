import { parseArgs } from 'node:util';
import { colorsFor, type CliIo } from '../../client/cli/io.ts';
import { errorOf, printError } from '../../client/cli/output.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { listenForStop } from '../stop-signals.ts';
import { demo } from './demo.ts';

const INTERRUPTED = 130;
const USAGE = `npm run demo            runs the sample sync twice, and stays up until Ctrl-C
npm run demo -- --once  runs it twice, and stops`;

const isTerminal = (process.stdout.isTTY ?? false) && (process.stderr.isTTY ?? false);
const io: CliIo = {
  env: process.env,
  cwd: process.cwd(),
  out: (line) => void process.stdout.write(`${line}\n`),
  err: (line) => void process.stderr.write(`${line}\n`),
  isTerminal,
  ask: null,
  readStdin: async () => '',
  confirm: async () => undefined,
  interrupted: new AbortController().signal,
  colors: colorsFor(isTerminal, process.env),
};

function readArgs(): { once: boolean; help: boolean } {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    return { once: values.once ?? false, help: values.help ?? false };
  } catch (error) {
    throw new BackhaulError('usage', error instanceof Error ? error.message : '', {
      action: USAGE,
      cause: error,
    });
  }
}

// A terminal that was closed takes no more lines, which is no reason to leave children behind.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
const stop = listenForStop();
try {
  const { help, once } = readArgs();
  if (help) io.out(USAGE);
  else process.exitCode = (await demo({ io, once, stop })) ? 0 : 1;
} catch (error) {
  if (stop.first.aborted) process.exitCode = INTERRUPTED;
  else {
    const known = errorOf(error);
    printError(io, known.view());
    process.exitCode = known.entry.exit;
  }
} finally {
  stop.close();
}
