import type { Command } from 'commander';

/** Commands by what a person is about to do, in the order in which it is done. */
const groups: Readonly<Record<string, readonly string[]>> = {
  'To begin:': ['dev', 'connect', 'validate', 'apply'],
  'Before a run:': ['check', 'preview', 'recap', 'adopt'],
  'Runs:': [
    ...['run', 'runs', 'describe', 'rows', 'history', 'send', 'retry', 'writeback'],
    ...['approve', 'decline', 'pause', 'resume', 'cancel'],
  ],
  'The installation:': [
    'worker',
    'serve',
    'migrate',
    'upgrade-check',
    'list',
    'schedules',
    'alerts',
    'notifications',
    'redeliver',
    'export',
    'keys',
    'audit',
    'rotate-key',
    'writeback-ddl',
  ],
};

const order = Object.values(groups).flat();
const rankOf = (command: Command): number => {
  const rank = order.indexOf(command.name());
  return rank === -1 ? order.length : rank;
};

/** Puts the commands into the order of a person's work, whichever room they come from. */
export function groupCommands(program: Command): void {
  for (const command of program.commands) {
    const found = Object.entries(groups).find(([, names]) => names.includes(command.name()));
    command.helpGroup(found?.[0] ?? 'More:');
  }
  // Commander shows groups in the order of their first command, and has no other way to say one.
  (program.commands as Command[]).sort((one, other) => rankOf(one) - rankOf(other));
}
