/**
 * How many rows a second one core maps to messages, ids included: `node bench/mapping.ts [rows]`.
 *
 * @module
 */
import { compileMapping } from '../mapping/compile.ts';
import { messageIds } from '../mapping/message-id.ts';
import { messageWriter } from '../mapping/message.ts';
import type { Column, ColumnKind } from '../vocabulary/columns.ts';

const DEFAULT_ROWS = 1_000_000;
/** What one page holds: rows are made outside the measured time, a page at a time. */
const PAGE_ROWS = 10_000;

const column = (name: string, kind: ColumnKind): Column => ({ name, kind, sourceType: kind });

const columns = [
  column('user_id', 'text'),
  column('email', 'text'),
  column('name', 'text'),
  column('plan', 'text'),
  column('logins', 'integer'),
  column('revenue', 'decimal'),
  column('score', 'float'),
  column('active', 'boolean'),
  column('seen_at', 'timestamp'),
  column('born', 'date'),
];
const plans = ['free', 'pro', 'enterprise'];

const rowOf = (n: number): Record<string, string | null> => ({
  user_id: `user-${n}`,
  email: `person.${n}@example.com`,
  name: n % 3 === 0 ? `Zoë "Z" Müller ${n}` : `Person Number ${n}`,
  plan: plans[n % plans.length] ?? null,
  logins: String(n % 5000),
  revenue: `${n % 100_000}.${String(n % 100).padStart(2, '0')}`,
  score: String((n % 977) / 977),
  active: n % 2 === 0 ? 't' : 'f',
  seen_at: `2026-05-${String((n % 28) + 1).padStart(2, '0')} 12:34:56.${String(n % 1_000_000).padStart(6, '0')}+00`,
  born: n % 10 === 0 ? null : `19${String((n % 60) + 30)}-01-02`,
});

const rows = Number(process.argv[2] ?? DEFAULT_ROWS);
const compiled = compileMapping(
  {
    key: { from: 'user_id', to: 'userId' },
    properties: 'all',
    normalization: 'camel_case',
    mapping: [],
    nulls: 'send',
  },
  columns,
);
const write = messageWriter(compiled, {
  timestamp: '2026-05-01T00:00:00.000Z',
  product: { name: 'backhaul', version: '0' },
});
const idOf = messageIds({
  stateId: 'bench',
  generation: 1,
  writeKeyDigest: '0'.repeat(64),
  kind: 'identify',
});

let elapsedMs = 0;
let bytes = 0;
let invalid = 0;
for (let first = 0; first < rows; first += PAGE_ROWS) {
  const page = Array.from({ length: Math.min(PAGE_ROWS, rows - first) }, (_, offset) => {
    const row = rowOf(first + offset);
    return compiled.columns.map(({ name }) => row[name] ?? null);
  });
  const startedAt = performance.now();
  for (const values of page) {
    const written = write(values, { messageId: idOf(values[0] ?? '', 1, '1234567890-1234567890') });
    if ('json' in written) bytes += written.bytes;
    else invalid += 1;
  }
  elapsedMs += performance.now() - startedAt;
}
const perSecond = Math.round(rows / (elapsedMs / 1000));
process.stdout.write(
  `${rows} rows of ${columns.length} columns in ${(elapsedMs / 1000).toFixed(2)} s: ${perSecond} rows/s, ` +
    `${Math.round(bytes / rows)} bytes a message, ${invalid} invalid\n`,
);
