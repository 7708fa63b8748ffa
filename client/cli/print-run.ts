import type { Delivery, RowCounts, Run } from '../../vocabulary/run.ts';
import type { Approval } from '../runs.ts';
import type { CliIo } from './io.ts';
import { counted, plural, printError, table } from './output.ts';

const SECOND_MS = 1000;

/** A run for people: how it ended, what it did, what to do if anything is to be done. */
export function printRun(io: CliIo, run: Run): void {
  const { messages, rows } = run;
  io.out(
    `${io.colors.bold(run.sync)} run ${run.number ?? '-'}: ${statusText(io, run)}${took(run)}${notSent(run)}`,
  );
  if (run.mode !== null) io.out(`  ${run.mode}: ${run.modeReason ?? ''}`);
  if (run.mode !== null) {
    io.out(`  rows      ${rowsText(rows)}`);
    io.out(
      `  messages  ${counted(messages.planned)} planned: ${counted(messages.accepted)} accepted, ` +
        `${counted(messages.rejected)} rejected, in ${plural(run.requests, 'request')}`,
    );
  }
  io.out(`  id        ${run.id}`);
  if (run.temporal.url !== null) io.out(`  Temporal  ${run.temporal.url}`);
  if (rows.invalid > 0)
    io.err(`  ${io.colors.dim(`what is invalid: backhaul rows ${run.id} --outcome invalid`)}`);
  if (messages.rejected > 0)
    io.err(
      `  ${io.colors.dim(`what was rejected: backhaul rows ${run.id} --outcome rejected; to try it again: backhaul retry ${run.id}`)}`,
    );
  if (run.retrying !== null) {
    io.err(`  ${io.colors.yellow('tried again')} ${run.retrying.code}: ${run.retrying.message}`);
  }
  for (const warning of run.warnings) io.err(`  ${io.colors.yellow('warning')} ${warning}`);
  if (run.error !== null) printError(io, run.error);
}

export const rowsText = (rows: RowCounts): string =>
  `${counted(rows.read)} read: ${counted(rows.added)} added, ${counted(rows.changed)} changed, ` +
  `${counted(rows.unchanged)} unchanged, ${counted(rows.removed)} removed, ${counted(rows.invalid)} invalid`;

/** Runs as a table, newest first. */
export function printRuns(io: CliIo, runs: readonly Run[]): void {
  table(
    io,
    ['RUN', 'SYNC', 'NO', 'STATUS', 'MODE', 'READ', 'ACCEPTED', 'INVALID', 'REJECTED', 'STARTED'],
    runs.map((run) => [
      run.id,
      run.sync,
      String(run.number ?? '-'),
      run.error === null ? run.status : `${run.status} (${run.error.code})`,
      run.mode ?? '-',
      counted(run.rows.read),
      counted(run.messages.accepted),
      counted(run.rows.invalid),
      counted(run.messages.rejected),
      run.startedAt,
    ]),
  );
}

/**
 * `sent 10,000 · received 9,998 · failed 2 (id_not_string)`, and when that was asked while some are not accounted for: Segment
 * counts with a delay.
 */
export function deliveryText(sent: number, { askedAt, failed, received }: Delivery): string {
  const reasons = Object.entries(failed).sort(([, one], [, other]) => other - one);
  const all = reasons.reduce((sum, [, count]) => sum + count, 0);
  const [only, ...more] = reasons;
  const named =
    only === undefined
      ? ''
      : ` (${more.length === 0 ? only[0] : reasons.map(([reason, count]) => `${reason} ${counted(count)}`).join(', ')})`;
  const asOf = received + all < sent ? ` · asked at ${askedAt}, Segment counts with a delay` : '';
  return `sent ${counted(sent)} · received ${counted(received)} · failed ${counted(all)}${named}${asOf}`;
}

/** Why it waits, or what was said to it. */
export const approvalText = ({ decidedAt, decision, reasons, since }: Approval): string => {
  const why = reasons.join('; ');
  if (decision !== null) return `${decision} at ${decidedAt ?? '?'}: ${why}`;
  return since === null ? `needed: ${why}` : `waits since ${since}: ${why}`;
};

function statusText({ colors }: CliIo, run: Run): string {
  switch (run.status) {
    case 'completed':
      return run.withErrors ? colors.yellow('completed') : colors.green('completed');
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return colors.red(run.status);
    case 'queued':
      return 'queued: no worker has picked it up yet';
    case 'working':
    case 'paused':
    case 'awaiting_approval':
      return run.status;
  }
}

const notSent = ({ messages, rows, status }: Run): string => {
  const count = rows.invalid + messages.rejected;
  return status === 'completed' && count > 0
    ? `; ${plural(count, 'row was', 'rows were')} not sent or not taken`
    : '';
};

const took = ({ finishedAt, startedAt }: Run): string =>
  finishedAt === null
    ? ''
    : ` in ${((Date.parse(finishedAt) - Date.parse(startedAt)) / SECOND_MS).toFixed(1)} s`;
