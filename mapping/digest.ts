import { createHash } from 'node:crypto';
import type { Envelope } from './envelope.ts';
import type { Identity } from './identity.ts';
import type { Trait } from './traits.ts';

/** Raised when the same value or mapping is written in another way than before. */
const ENCODING_VERSION = 1;

/**
 * SHA-256 in hex of what the messages of a mapping say, apart from the rows' values. Mappings that send the same have
 * the same digest, in whatever order columns and mappings come, and whichever rule gave a trait its name. The
 * fingerprint of every row covers it.
 *
 * @param traits sorted by path
 */
export function mappingDigest(identity: Identity, traits: readonly Trait[], envelope: Envelope): string {
  const beside = [describeEnvelope(envelope), describeIdentity(identity)];
  const { keyTo, object } = identity;
  const description = [
    ...['backhaul mapping', ENCODING_VERSION, object, keyTo, traits.map(describeTrait)],
    ...beside.filter((part) => part !== null),
  ];
  return createHash('sha256').update(JSON.stringify(description)).digest('hex');
}

/** Null when there is nothing but what every message of the first version had. */
function describeEnvelope({ context, integrations, timestamp }: Envelope): unknown {
  const chosen = Object.entries(integrations).sort(([a], [b]) => (a < b ? -1 : 1));
  if (timestamp === null && context.length === 0 && chosen.length === 0) return null;
  return [timestamp === null ? null : [timestamp.name, timestamp.kind], context.map(describeTrait), chosen];
}

/** Null when there is nothing but the key, as in the first version. An object: the envelope is a list. */
function describeIdentity({ event, identifiers }: Identity): object | null {
  if (identifiers.length === 0 && event === null) return null;
  return {
    identifiers: identifiers.map(({ column: { name, kind }, to }) => [to, name, kind]),
    ...(event === null
      ? {}
      : {
          event: 'constant' in event ? ['constant', event.constant] : [event.column.name, event.column.kind],
        }),
  };
}

/** What was there from the first version on is described as then: an upgrade must not send every row again. */
export function describeTrait(trait: Trait): unknown[] {
  const { path, source, nulls, onError } = trait;
  // A name that holds a dot is no path.
  const target = path.length === 1 ? path[0] : path;
  switch (source.kind) {
    case 'constant':
      return [target, 'constant', source.constant];
    case 'column': {
      const { column, type } = source;
      const plain = [target, 'column', column.name, column.kind, nulls];
      return type === null && onError === 'invalid' ? plain : [...plain, type, onError];
    }
    case 'hash':
      return [target, 'hash', source.column.name, source.column.kind, nulls, onError];
    case 'template': {
      const columns = source.columns.map(({ name, kind }) => [name, kind]);
      return [target, 'template', source.text, columns, source.type, nulls, onError];
    }
    case 'run':
      return [target, 'run', source.field];
  }
}
