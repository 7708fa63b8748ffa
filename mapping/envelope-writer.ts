import type { Column } from '../vocabulary/columns.ts';
import type { CompiledMapping } from './compile.ts';
import { convertingWriter } from './convert.ts';
import type { Envelope } from './envelope.ts';
import { fixedMemberBytes, membersWriter, type InvalidValue, type RunFacts } from './members.ts';

export interface EnvelopeOptions {
  /** ISO 8601: when the snapshot was taken. */
  timestamp: string;
  product: { name: string; version: string };
  run: RunFacts;
}

type Writer = (values: readonly (string | null)[]) => string | InvalidValue;

/** Writes the members of a message that stand beside its user and traits: timestamp, integrations, context. */
export function envelopeWriter(compiled: CompiledMapping, options: EnvelopeOptions): Writer {
  const { columns, envelope } = compiled;
  const ofTimestamp = JSON.stringify(options.timestamp);
  const beforeContext = `,"integrations":${JSON.stringify(envelope.integrations)},"context":{`;
  const own = ownContext(compiled, options.product);
  if (envelope.timestamp === null && envelope.context.length === 0) {
    const same = `"timestamp":${ofTimestamp}${beforeContext}${own}}`;
    return () => same;
  }
  const contextOf = membersWriter(envelope.context, columns, options.run);
  const timestampOf = timestampWriter(envelope.timestamp, columns, ofTimestamp);
  return (values) => {
    const timestamp = timestampOf(values);
    if (typeof timestamp !== 'string') return timestamp;
    const context = contextOf(values);
    if (typeof context !== 'string') return context;
    return `"timestamp":${timestamp}${beforeContext}${own}${context === '' ? '' : `,${context}`}}`;
  };
}

function ownContext(
  { envelope, object }: CompiledMapping,
  { name, version }: EnvelopeOptions['product'],
): string {
  const isMapped = envelope.context.some(({ path }) => path[0] === 'active');
  // `active: false` updates the traits and leaves "last seen" alone; of an event nothing is known of that.
  const own = {
    ...(isMapped || object === 'event' ? {} : { active: false }),
    app: { name, version },
    library: { name, version },
  };
  return JSON.stringify(own).slice(1, -1);
}

/** Unify may drop what is older: https://segment.com/docs/unify/product-limits/ */
const FIRST_YEAR = 1970;

function timestampWriter(column: Column | null, columns: readonly Column[], otherwise: string): Writer {
  if (column === null) return () => otherwise;
  const place = columns.findIndex(({ name }) => name === column.name);
  const write = convertingWriter(column, 'datetime');
  return (values) => {
    const spooled = values[place] ?? null;
    const written = spooled === null ? 'null' : write(spooled);
    if (typeof written !== 'string') return { invalid: written.invalid, column: column.name };
    if (written === 'null') return otherwise;
    return Number(written.slice(1, 5)) < FIRST_YEAR
      ? { invalid: 'timestamp_too_early', column: column.name }
      : written;
  };
}

/** Timestamp and what Backhaul says of itself, generously. */
const OWN_BYTES = 250;

export const fixedEnvelopeBytes = ({ context, integrations }: Envelope): number =>
  fixedMemberBytes(context) + Buffer.byteLength(JSON.stringify(integrations)) + OWN_BYTES;
