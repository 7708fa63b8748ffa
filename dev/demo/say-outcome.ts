import { relative } from 'node:path';
import type { CliIo } from '../../client/cli/io.ts';
import { counted, printError } from '../../client/cli/output.ts';
import type { DescribedRun } from '../../client/runs.ts';
import type { Receiver } from '../receiver/receiver.ts';
import type { DevApi } from '../supervisor/start-programs.ts';
import type { Changes } from './change-people.ts';
import { linesOfInvalid, tableOfRuns } from './print-runs.ts';
import { changeLine, personLine } from './show-person.ts';

interface Outcome {
  first: DescribedRun;
  second: DescribedRun;
  changes: Changes;
  /** Traits of the renamed person after the first run. */
  before: Record<string, unknown>;
  receiver: Pick<Receiver, 'counts' | 'users'>;
}

/** What both runs did, and whether the receiver says the same. */
export function sayOutcome(io: CliIo, { before, changes, first, receiver, second }: Outcome): boolean {
  const { bold, dim, green, red } = io.colors;
  const runs = [first, second];
  io.out('');
  const [head = '', ...rest] = tableOfRuns([
    { name: 'first run', run: first },
    { name: 'second run', run: second },
  ]);
  io.out(bold(head));
  for (const line of rest) io.out(line);
  io.out(
    dim(
      'The rate of the connection is raised to 20,000 a second, for a receiver on this machine. At 1,000, the default',
    ),
  );
  io.out(
    dim(
      'and what Segment takes from a workspace, the first run would take 40 seconds (examples/demo/backhaul.yaml).',
    ),
  );
  for (const { error } of runs) if (error !== null) printError(io, error);
  if (second.rows.invalid > 0) {
    io.out('');
    io.out(bold('Not sent, by reason'));
    for (const line of linesOfInvalid(second)) io.out(line);
  }

  const counts = receiver.counts();
  const users = receiver.users();
  const said = runs.reduce((sum, { messages }) => sum + messages.accepted, 0);
  const dropped = Object.values(counts.dropped).reduce((sum, events) => sum + events, 0);
  const agrees = counts.accepted === said && dropped === 0;
  io.out('');
  io.out(bold('At the receiver'));
  io.out(
    `${counted(counts.accepted)} events of ${counted(users.size)} people; ${counted(counts.duplicates)} duplicates, ` +
      `${counted(dropped)} dropped. ${agrees ? green('That is what the runs say.') : red(`The runs say ${counted(said)} accepted.`)}`,
  );
  const after = users.get(changes.renamed)?.traits;
  const changed = after === undefined ? '' : changeLine(before, after);
  if (after !== undefined) io.out(`${changes.renamed}  ${personLine(after)}`);
  if (changed !== '') io.out(`${' '.repeat(changes.renamed.length)}  the second run changed ${changed}`);
  return agrees && changed !== '' && runs.every(({ status }) => status === 'completed');
}

interface Places {
  api: DevApi | null;
  home: string;
  second: DescribedRun;
  first: DescribedRun;
  receiverUrl: string;
}

/** Where to look, and what to try while it stays up. */
export function sayWhatNext(io: CliIo, { api, first, home, receiverUrl, second }: Places): void {
  const { bold } = io.colors;
  const command = (words: string): string =>
    `  BACKHAUL_HOME=${relative(io.cwd, home) || home} npx backhaul ${words}`;
  io.out('');
  io.out(bold('To look at'));
  io.out(`  first run in Temporal   ${first.temporal.url ?? ''}`);
  io.out(`  second run in Temporal  ${second.temporal.url ?? ''}`);
  io.out(`  the receiver            ${receiverUrl}`);
  if (api !== null)
    io.out(`  the HTTP API            ${api.url}/reference (a key: in ${relative(io.cwd, api.keyFile)})`);
  io.out('');
  io.out(bold('To try, in another terminal'));
  io.out(command('runs'));
  io.out(command(`rows ${second.id} --outcome invalid`));
  io.out(`${command('run users')}          # nothing has changed: nothing is sent`);
  io.out(`${command('run users --full')}   # everything, again`);
  io.out('');
  io.out('Ctrl-C stops everything.');
}
