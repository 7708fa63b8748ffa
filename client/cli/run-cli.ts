import { Command, CommanderError } from 'commander';
import { product } from '../../vocabulary/product.ts';
import { asTyped, commandName } from './as-typed.ts';
import { Interruption } from './asking.ts';
import { createCli, INTERRUPTED, type Cli } from './cli.ts';
import { alertCommands } from './commands/alerts.ts';
import { adoptCommand } from './commands/adopt.ts';
import { definitionCommands } from './commands/definitions.ts';
import { migrateCommand } from './commands/migrate.ts';
import { keyCommands } from './commands/keys.ts';
import { workerCommands } from './commands/on-worker.ts';
import { recapCommands } from './commands/recap.ts';
import { pausingCommands } from './commands/pausing.ts';
import { runCommand } from './commands/run.ts';
import { historyCommand } from './commands/history.ts';
import { retryCommand } from './commands/retry.ts';
import { rowsCommand } from './commands/rows.ts';
import { runCommands } from './commands/runs.ts';
import { groupCommands } from './help-groups.ts';
import { sendCommand } from './commands/send.ts';
import { schedulesCommand } from './commands/schedules.ts';
import { writebackCommands } from './commands/writeback.ts';
import type { CliIo } from './io.ts';
import { errorOf, printError, printJson } from './output.ts';

const USAGE_EXIT = 2;

/** Adds commands of other rooms, such as `dev` and `worker`. */
export type MoreCommands = (program: Command, cli: Cli) => void;

/** Runs one command line. @returns the exit code */
export async function runCli(
  args: readonly string[],
  given: CliIo,
  more: MoreCommands = () => undefined,
): Promise<number> {
  const io: CliIo = { ...given, err: (line) => given.err(asTyped(line, given.env)) };
  const cli = createCli(io);
  const program = new Command(commandName(io.env))
    .description('Carries the rows of a warehouse to Segment as users, on Temporal.')
    .version(product.version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.out(text.trimEnd()),
      writeErr: (text) => io.err(text.trimEnd()),
    });
  for (const add of [
    more,
    definitionCommands,
    runCommand,
    adoptCommand,
    runCommands,
    recapCommands,
    sendCommand,
    retryCommand,
    rowsCommand,
    historyCommand,
    writebackCommands,
    pausingCommands,
    schedulesCommand,
    alertCommands,
    workerCommands,
    migrateCommand,
    keyCommands,
  ]) {
    add(program, cli);
  }
  groupCommands(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return cli.exitCode();
  } catch (error) {
    if (error instanceof Interruption) return INTERRUPTED;
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      const named = program.commands.find((command) => command.name() === args[0]);
      // Without any arguments, and for an option of no command, all of the help is there already or not far.
      if (args.length > 0)
        io.err(`  See \`backhaul ${named === undefined ? '--help' : `help ${named.name()}`}\`.`);
      return USAGE_EXIT;
    }
    const known = errorOf(error);
    if (args.includes('--json')) printJson(io, { error: known.view() });
    printError(io, known.view());
    return known.entry.exit;
  }
}
