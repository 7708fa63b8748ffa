import type { InvalidRecap, MappingChanges, Recap, TraitRecap } from '../../vocabulary/recap.ts';
import type { CliIo } from './io.ts';
import { counted, plural, printError, table } from './output.ts';
import { rowsText } from './print-run.ts';

const MEGABYTE = 1_000_000;
const LONGEST_CELL = 40;

/** A recap for people: what would be sent, by which traits, at what cost, and some messages as Segment would get them. */
export function printRecap(io: CliIo, recap: Recap): void {
  const { bold, yellow } = io.colors;
  io.out(`${bold(recap.sync)}: what would be sent`);
  io.out(`  ${recap.mode}: ${recap.modeReason}`);
  io.out(`  rows      ${rowsText(recap.rows)}`);
  for (const line of recap.invalid.map(invalidText)) io.out(`  invalid   ${line}`);
  for (const line of changeTexts(recap.changes)) io.out(`  ${line}`);
  io.out(`  sends     ${costText(recap.cost)}`);
  io.out('');
  table(io, ['TRAIT', 'COLUMN', 'TYPE', 'NULLS', 'SAMPLES'], recap.traits.map(traitRow));
  for (const { change, message } of recap.samples) {
    io.out('');
    io.out(bold(`a message, ${change}:`));
    io.out(JSON.stringify(message, null, 2));
  }
  for (const { trait, warnings } of recap.traits)
    for (const warning of warnings) io.err(`  ${yellow('warning')} ${trait}: ${warning}`);
  for (const warning of recap.warnings) io.err(`  ${yellow('warning')} ${warning}`);
  if (recap.error !== null) {
    io.err('  A run would fail:');
    printError(io, recap.error);
  }
}

/** `new: plan, score`: columns first, then the traits that changed without them. */
function changeTexts(changes: MappingChanges): string[] {
  const named = (word: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`${word}: ${names.join(', ')}`];
  return [
    ...named('new', changes.newColumns),
    ...named('no longer sent', changes.goneColumns),
    ...named('new traits', changes.newTraits),
    ...named('traits no longer sent', changes.goneTraits),
    ...named('traits from elsewhere', changes.movedTraits),
  ];
}

const invalidText = ({ reason, rows, samples }: InvalidRecap): string => {
  const keys = samples.flatMap(({ column, key }) =>
    key === null || key === '' ? [] : [column === null ? key : `${key} (${column})`],
  );
  return `${counted(rows)} ${reason}${keys.length === 0 ? '' : `: ${keys.join(', ')}`}`;
};

const costText = ({
  billableCalls,
  bytes,
  eventsPerSecond,
  messages,
  requests,
  seconds,
}: Recap['cost']): string =>
  `${plural(messages, 'message')} in ${plural(requests, 'request')}, ${(bytes / MEGABYTE).toFixed(1)} MB; ` +
  `about ${counted(seconds)} s at ${counted(eventsPerSecond)} events/s; ${plural(billableCalls, 'billable API call')}`;

function traitRow({ columns, nullShare, samples, source, trait, type }: TraitRecap): string[] {
  return [
    trait,
    columns.length === 0 ? `(${source})` : columns.join(', '),
    type,
    nullShare === null ? '?' : `${(nullShare * 100).toFixed(1)}%`,
    samples.map((sample) => cut(JSON.stringify(sample))).join(', '),
  ];
}

const cut = (text: string): string =>
  text.length > LONGEST_CELL ? `${text.slice(0, LONGEST_CELL - 1)}…` : text;

/** What a person can say to a run that waits. */
export function printHowToApprove(io: CliIo, run: string, reasons: readonly string[]): void {
  io.err(`${io.colors.yellow('Waits for an approval')}: ${reasons.join('; ')}.`);
  io.err(`  send exactly this  backhaul approve ${run}`);
  io.err(`  send nothing       backhaul decline ${run}`);
}
