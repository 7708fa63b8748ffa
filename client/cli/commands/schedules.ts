import type { Command } from 'commander';
import type { ScheduledSync } from '../../schedules/list-schedules.ts';
import type { Cli } from '../cli.ts';
import type { CliIo } from '../io.ts';
import { printJson, table } from '../output.ts';

export function schedulesCommand(program: Command, cli: Cli): void {
  program
    .command('schedules')
    .description('the syncs that start by themselves: next and last starts')
    .option('--json', 'print one JSON array')
    .action((options: { json?: boolean }) => listSchedules(cli, options.json));
}

export async function listSchedules(cli: Cli, json = false): Promise<void> {
  const schedules = await cli.withBackhaul((backhaul) => backhaul.schedules.list());
  if (json) printJson(cli.io, schedules);
  else printSchedules(cli.io, schedules);
}

export function printSchedules(io: CliIo, schedules: readonly ScheduledSync[]): void {
  if (schedules.length === 0) return io.err('No sync starts by itself.');
  table(
    io,
    ['SYNC', 'STARTS', 'NEXT', 'LAST'],
    schedules.map((one) => [one.sync, startsOf(one), nextOf(one), one.last ?? '-']),
  );
  for (const { drift, sync } of schedules) {
    if (drift)
      io.err(`${sync}: Temporal has another schedule than the definition; \`backhaul apply\` mends it`);
  }
}

function startsOf({ after, schedule }: ScheduledSync): string {
  const jitter = schedule?.jitter === undefined ? '' : `, up to ${schedule.jitter} later`;
  return [
    ...(schedule?.every === undefined ? [] : [`every ${schedule.every}${jitter}`]),
    ...(schedule?.cron === undefined ? [] : [`${schedule.cron} (${schedule.timezone ?? 'UTC'})${jitter}`]),
    ...(after.length === 0 ? [] : [`after ${after.join(' and ')}`]),
  ].join('; ');
}

const nextOf = ({ next, paused, schedule }: ScheduledSync): string =>
  paused ? 'paused' : schedule === null ? '-' : (next[0] ?? '-');
