import { objects } from '../definitions/objects.ts';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import type { CompiledMapping } from './compile.ts';
import { MAX_LINE_BYTES, SPOOL_NULL } from '../vocabulary/spool.ts';
import { envelopeWriter, fixedEnvelopeBytes, type EnvelopeOptions } from './envelope-writer.ts';
import { identityWriter } from './identity-writer.ts';
import { fixedMemberBytes, membersWriter, type InvalidValue } from './members.ts';

/** What Segment takes for one event: https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/ */
const SEGMENT_EVENT_BYTES = 32_768;
/** Kept free for what the client adds on the way: its name in the context, `_metadata`, `sentAt`. */
const SPARE_BYTES = 300;
/** UTF-8 bytes of a message's JSON text. */
export const MAX_MESSAGE_BYTES = SEGMENT_EVENT_BYTES - SPARE_BYTES;

export interface MessageIdentity {
  /** Of [A-Za-z0-9._-] only: it is written as it is. */
  messageId: string;
}

/** One line of JSON text and its length in UTF-8; or why the row is not sent, and the column to blame if it is one. */
export type WrittenMessage = { json: string; bytes: number } | InvalidValue;

/** @param values in the order of `compiled.columns`, as the spool writes them, null for NULL */
export type MessageWriter = (values: readonly (string | null)[], identity: MessageIdentity) => WrittenMessage;

/**
 * Writes the rows of a snapshot as calls of Segment's spec. The text is put together from pieces that are the same for all rows:
 * a million rows make no objects, and nothing is serialised twice.
 *
 * @param options.timestamp ISO 8601: when the snapshot was taken
 */
export function messageWriter(compiled: CompiledMapping, options: EnvelopeOptions): MessageWriter {
  const { call, values: mapped } = objects[compiled.object];
  const beforeId = `{"type":"${call}","messageId":"`;
  const beforeTraits = `,"${mapped}":{`;
  const [keyColumn] = compiled.keyColumns;
  const identityOf = identityWriter(compiled);
  const traitsOf = membersWriter(compiled.sources, compiled.columns, options.run);
  const restOf = envelopeWriter(compiled, options);

  return (values, { messageId }) => {
    const key = values[0] ?? null;
    if (key === null) return { invalid: 'null_key', column: keyColumn.name };
    if (key === '') return { invalid: 'empty_key', column: keyColumn.name };
    if (mayBeCut(values)) return { invalid: 'too_large', column: null };
    if (values.length !== compiled.columns.length) {
      throw new BackhaulError(
        'row_unreadable',
        `a row of ${values.length} values, not ${compiled.columns.length}`,
      );
    }
    const identity = identityOf(values);
    if (typeof identity !== 'string') return identity;
    const traits = traitsOf(values);
    if (typeof traits !== 'string') return traits;
    const rest = restOf(values);
    if (typeof rest !== 'string') return rest;
    const json = `${beforeId}${messageId}",${identity}${beforeTraits}${traits}},${rest}}`;
    const bytes = Buffer.byteLength(json);
    return bytes > MAX_MESSAGE_BYTES ? { invalid: 'too_large', column: null } : { json, bytes };
  };
}

/** Bytes that every message has besides its values: a page is cut by them too, so that it stays as small as it looks. */
export const fixedBytes = (compiled: CompiledMapping): number =>
  fixedMemberBytes(compiled.sources) +
  fixedEnvelopeBytes(compiled.envelope) +
  MESSAGE_BYTES +
  (compiled.event !== null && 'constant' in compiled.event ? compiled.event.constant.length : 0);

/** Type, message id and ids, generously. */
const MESSAGE_BYTES = 150;

/** A line that was cut ends within a character of the limit. */
const CUT_LINE_BYTES = MAX_LINE_BYTES - 3;

/** Whether values may be missing, or the last one shortened: the spool cuts lines that are far too long for Segment. */
function mayBeCut(values: readonly (string | null)[]): boolean {
  let units = values.length * SPOOL_NULL.length;
  for (const value of values) if (value !== null) units += value.length;
  if (units * 3 < CUT_LINE_BYTES) return false;
  return Buffer.byteLength(values.map((value) => value ?? SPOOL_NULL).join('\t')) >= CUT_LINE_BYTES;
}
