import type { HistoryEntry } from '../key-history.ts';
import type { CliIo } from './io.ts';
import { table } from './output.ts';

/** What runs did with one key, newest first; with the messages when they were asked for. */
export function printHistory(io: CliIo, entries: readonly HistoryEntry[]): void {
  const header = ['NO', 'STARTED', 'MODE', 'WAS', 'OUTCOME', 'MESSAGE ID', 'RUN'];
  const cells = (entry: HistoryEntry): string[] => [
    String(entry.number),
    entry.startedAt,
    entry.mode ?? '-',
    entry.change ?? '-',
    outcomeOf(entry),
    entry.messageId ?? '-',
    entry.run,
  ];
  if (entries.every(({ payload }) => payload === undefined)) return table(io, header, entries.map(cells));
  for (const entry of entries) {
    table(io, header, [cells(entry)]);
    if (entry.payload != null) io.out(JSON.stringify(entry.payload, null, 2));
    else if (isSent(entry)) io.out('the message is not kept any more');
  }
}

const isSent = ({ outcome }: HistoryEntry): boolean =>
  outcome === 'accepted' || outcome === 'rejected' || outcome === 'in_doubt';

function outcomeOf({ column, outcome, reason, status }: HistoryEntry): string {
  switch (outcome) {
    case 'not_kept':
      return 'not kept any more: it cannot be told';
    case 'in_doubt':
      return 'in doubt';
    case 'unsent':
      return status === 'working' || status === 'paused' ? 'not yet sent' : 'not sent';
    case 'adopted':
      return 'adopted: recorded as delivered';
    case 'accepted':
    case 'invalid':
    case 'rejected':
      return `${outcome}${reason === null ? '' : ` (${[reason, column].filter((word) => word !== null).join(', ')})`}`;
  }
}
