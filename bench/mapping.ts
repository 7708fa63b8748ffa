/**
 * How many rows a second the map step takes from pages at rest to batches at rest: ten columns as they are, against ten
 * mapped traits of which two are templates. `npm run bench:mapping [-- rows]`
 *
 * @module
 */
import type { SyncForMapping } from '../mapping/choose-traits.ts';
import { compileMapping, type CompiledMapping } from '../mapping/compile.ts';
import { messageIds } from '../mapping/message-id.ts';
import { messageWriter } from '../mapping/message.ts';
import { batchLimits, packBatches } from '../segment/batch.ts';
import { indexLine, PAGE_ROWS, readPage } from '../snapshot/pages.ts';
import { batchesWriter } from '../vocabulary/batches-at-rest.ts';
import { escapeSpool, SPOOL_NULL } from '../vocabulary/spool.ts';
import type { Column, ColumnKind } from '../vocabulary/columns.ts';

const DEFAULT_ROWS = 1_000_000;
/** Rows before anything is measured: what runs is compiled by then. */
const WARM_UP_PAGES = 10;

const column = (name: string, kind: ColumnKind): Column => ({ name, kind, sourceType: kind });

const columns = [
  column('user_id', 'text'),
  column('email', 'text'),
  column('first_name', 'text'),
  column('last_name', 'text'),
  column('plan', 'text'),
  column('logins', 'integer'),
  column('revenue', 'decimal'),
  column('score', 'float'),
  column('active', 'boolean'),
  column('seen_at', 'timestamp'),
  column('born', 'date'),
];
const limits = batchLimits({ writeKey: '0'.repeat(32), eventsPerSecond: 1_000_000 });
const plans = ['free', 'pro', 'enterprise'];

const rowOf = (n: number): Record<string, string | null> => ({
  user_id: `user-${n}`,
  email: `person.${n}@example.com`,
  first_name: n % 3 === 0 ? `Zoë "Z" ${n}` : `Person ${n}`,
  last_name: n % 3 === 0 ? 'Müller' : 'Number',
  plan: plans[n % plans.length] ?? null,
  logins: String(n % 5000),
  revenue: `${n % 100_000}.${String(n % 100).padStart(2, '0')}`,
  score: String((n % 977) / 977),
  active: n % 2 === 0 ? 't' : 'f',
  seen_at: `2026-05-${String((n % 28) + 1).padStart(2, '0')} 12:34:56.${String(n % 1_000_000).padStart(6, '0')}+00`,
  born: n % 10 === 0 ? null : `19${String((n % 60) + 30)}-01-02`,
});

const sync = (changes: Partial<SyncForMapping>): CompiledMapping =>
  compileMapping(
    {
      key: { from: 'user_id', to: 'userId' },
      properties: 'all',
      normalization: 'camel_case',
      mapping: [],
      nulls: 'send',
      ...changes,
    },
    columns,
  );

const plain = sync({});
const mapped = sync({
  properties: 'selected',
  mapping: [
    { template: '{{ first_name }} {{ last_name | upcase }}', to: 'name' },
    { template: '{% if active %}{{ plan | capitalize }}{% else %}gone{% endif %}', to: 'segment' },
    { from: 'email', to: 'email' },
    { from: 'plan', to: 'billing.plan' },
    { from: 'revenue', to: 'billing.revenue' },
    { from: 'logins', to: 'loginsLast30Days' },
    { from: 'score', to: 'score' },
    { from: 'active', to: 'isActive' },
    { from: 'seen_at', to: 'lastSeenAt' },
    { from: 'born', to: 'birthday' },
  ],
});

/** A page as `paginate` leaves it. */
const pageAtRest = (columns: readonly Column[], first: number): Buffer =>
  Buffer.from(
    Array.from({ length: PAGE_ROWS }, (_, offset) => {
      const row = rowOf(first + offset);
      const values = columns.map(({ name }) => (row[name] == null ? SPOOL_NULL : escapeSpool(row[name])));
      return ['a', '1', '12345678901234567890', '9876543210987654321', ...values].join('\t');
    }).join('\n'),
  );

/** Maps pages as the activity does, from rows at rest to batches at rest, and keeps the time that each took. */
function subject(compiled: CompiledMapping) {
  const write = messageWriter(compiled, {
    timestamp: '2026-05-01T00:00:00.000Z',
    product: { name: 'backhaul', version: '0' },
    run: { id: 'bench', sync: 'bench', startedAt: '2026-05-01T00:00:00.000Z' },
  });
  const idOf = messageIds({
    stateId: 'bench',
    generation: 1,
    writeKeyDigest: '0'.repeat(64),
    kind: 'identify',
  });
  const taken = { pagesMs: [] as number[], bytes: 0, invalid: 0 };
  return {
    taken,
    map(first: number): void {
      const page = pageAtRest(compiled.columns, first);
      const startedAt = performance.now();
      const messages = batchesWriter();
      const sizes: number[] = [];
      const index: string[] = [];
      for (const row of readPage(page)) {
        const { high, low } = row.fingerprint;
        const key = row.values[0] ?? '';
        const written = write(row.values, { messageId: idOf(key, row.sequence, `${high}-${low}`) });
        if ('invalid' in written) {
          taken.invalid += 1;
          continue;
        }
        index.push(indexLine(0, sizes.length, row));
        messages.add(written.json, written.bytes);
        sizes.push(written.bytes);
      }
      const { length } = messages.finish(packBatches(sizes, limits));
      taken.bytes += length;
      taken.pagesMs.push(performance.now() - startedAt);
    },
  };
}

const rows = Number(process.argv[2] ?? DEFAULT_ROWS);
const subjects = [subject(plain), subject(mapped)] as const;
for (let page = 0; page < WARM_UP_PAGES; page += 1) for (const one of subjects) one.map(page * PAGE_ROWS);
for (const { taken } of subjects) Object.assign(taken, { pagesMs: [], bytes: 0, invalid: 0 });
for (let first = 0; first < rows; first += PAGE_ROWS) {
  // In turns, page by page: what else the machine does meets both.
  const turn = (first / PAGE_ROWS) % 2 === 0 ? subjects : [...subjects].reverse();
  for (const one of turn) one.map(first);
}
/** By the page in the middle: what else the machine does makes some pages slow, and none fast. */
function rowsPerSecond(pagesMs: readonly number[]): number {
  const sorted = [...pagesMs].sort((a, b) => a - b);
  return PAGE_ROWS / ((sorted[Math.floor(sorted.length / 2)] ?? NaN) / 1000);
}

const names = ['ten columns as they are', 'ten mapped traits, two of them templates'];
const speeds = subjects.map(({ taken }, position) => {
  const speed = rowsPerSecond(taken.pagesMs);
  process.stdout.write(
    `${names[position]}: ${Math.round(speed).toLocaleString('en-US')} rows/s, ` +
      `${Math.round(taken.bytes / rows)} bytes a message, ${taken.invalid} invalid\n`,
  );
  return speed;
});
process.stdout.write(`ratio: ${((speeds[1] ?? NaN) / (speeds[0] ?? NaN)).toFixed(2)}\n`);
