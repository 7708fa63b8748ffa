import { afterAll, describe, expect, it } from '@jest/globals';
import { isLiteralSecret } from '../../definitions/secrets.ts';
import { valueWriter } from '../../mapping/value.ts';
import { openSource } from '../../sources/open.ts';
import type { ResolvedModel, Source } from '../../sources/source.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import type { Column } from '../../vocabulary/columns.ts';
import {
  MAX_VALUE_BYTES,
  SPOOL_NULL,
  unescapeSpool,
  type Piece,
  type Place,
} from '../../vocabulary/spool.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';
import { openInstallation } from '../support/installation.ts';
import { until } from '../support/until.ts';
import { canonicalText, comparable, ROWS, STANDARD_COLUMNS, standardRow } from './standard-rows.ts';
import { resolvedConnection } from './resolved-connection.ts';
import type { ConnectionChange, Service, Subject } from './subject.ts';
import { documentedValues } from './values-page.ts';

const CASE_TIMEOUT_MS = 240_000;
const READ = 'conformance-run';

/** The cases that every source passes. Awaited at the top of a test file: it installs and starts the server first. */
export async function conformance(subject: Subject): Promise<void> {
  const { type } = subject;
  const started = await startOrSkip(type, () => subject.start());
  const suite = started === null ? describe.skip : describe;
  const service = (): Service => {
    if (started === null) throw new Error(`${type} was not started`);
    return started;
  };
  const opened: Source[] = [];
  const open = async (change: ConnectionChange = {}, signal?: AbortSignal): Promise<Source> => {
    const source = await openSource(
      'warehouse',
      resolvedConnection(type, { ...service().connection, ...change }),
      {
        signal: signal ?? new AbortController().signal,
        allowedEndpoints: service().allowedEndpoints,
      },
    );
    opened.push(source);
    return source;
  };
  const idle = (): Promise<true> => until(async () => (await service().running()) === 0, 60_000);

  suite(`${type}: the conformance suite`, () => {
    afterAll(async () => {
      await Promise.all(opened.map((source) => source.close().catch(() => undefined)));
      await started?.close();
    }, CASE_TIMEOUT_MS);
    const test = (name: string, work: () => Promise<void>): void => it(name, work, CASE_TIMEOUT_MS);

    test('validates, with and without a model, and warns of nothing', async () => {
      const source = await open();
      expect(await source.validate(null)).toEqual({ warnings: [] });
      expect(await source.validate(service().models.rows)).toEqual({ warnings: [] });
    });

    test('warns of credentials that could write', async () => {
      const { writer } = service();
      if (writer === null) return;
      const { warnings } = await (await open(writer)).validate(null);
      expect(warnings.join('\n')).toMatch(/could write/);
    });

    test('describes the columns in their order', async () => {
      const columns = await (await open()).describe(service().models.rows);
      expect(columns.map(({ name, kind }) => [name, kind])).toEqual(
        STANDARD_COLUMNS.map((name) => [name, service().kinds[name]]),
      );
      for (const { sourceType } of columns) expect(sourceType).not.toBe('');
    });

    test('previews the first rows as canonical texts', async () => {
      const { columns, rows } = await (await open()).preview(service().models.rows, 3);
      expect(columns.map(({ name }) => name)).toEqual([...STANDARD_COLUMNS]);
      expect(rows).toHaveLength(3);
      for (const row of rows) expect(comparableRow(row)).toEqual(expectedRow(Number(row[0])));
    });

    test('reads 100,000 rows, each once and right', async () => {
      const lines = await linesOf(await open(), service().models.rows);
      expect(lines).toHaveLength(ROWS);
      expect(wrongRows(lines)).toEqual([]);
    });

    test('reads the columns that are asked for, in that order', async () => {
      const source = await open();
      const { columns, pieces } = await source.read(service().models.one, ['note', 'id'], reading());
      expect(columns.map(({ name }) => name)).toEqual(['note', 'id']);
      const [line] = linesIn(await collect(pieces));
      const { kinds } = service();
      expect(line?.split('\t').reverse().map(valueIn)).toEqual([
        textOf('id', 1, kinds.id),
        textOf('note', 1, kinds.note),
      ]);
      await expect(source.read(service().models.one, ['nothing'], reading())).rejects.toMatchObject({
        code: 'column_missing',
      });
    });

    test('reads a single row, and none', async () => {
      const source = await open();
      expect(await linesOf(source, service().models.one)).toHaveLength(1);
      expect(await linesOf(source, service().models.empty)).toEqual([]);
      expect((await source.preview(service().models.empty, 5)).rows).toEqual([]);
    });

    test('refuses two columns of one name', async () => {
      const { twice } = service().models;
      if (twice === null) return;
      await expect((await open()).describe(twice)).rejects.toMatchObject({ code: 'duplicate_column' });
    });

    test('gives the same spool by every way to read', async () => {
      const base = (await linesOf(await open(), service().models.rows)).sort();
      for (const [path, change] of Object.entries(service().paths)) {
        const other = (await linesOf(await open(change), service().models.rows)).sort();
        expect([path, other.length, firstDifference(base, other)]).toEqual([path, base.length, null]);
      }
    });

    test('gives the same spool under hostile defaults of the session', async () => {
      const { hostile, models } = service();
      if (hostile === null) return;
      const base = (await linesOf(await open(), models.rows)).sort();
      const other = (await linesOf(await open(hostile), models.rows)).sort();
      expect(firstDifference(base, other)).toBeNull();
    });

    test('a worker that takes over goes on where the last one was', async () => {
      if (!service().resumable) return;
      for (const [path, change] of everyPath(service())) {
        const { columns, pieces } = await readRows(await open(change), null);
        const whole = await collect(pieces);
        const places = placesIn(whole);
        expect([path, whole[0] !== undefined && 'place' in whole[0]]).toEqual([path, true]);
        expect(places.length).toBeGreaterThan(3);
        const lines = linesIn(whole);
        for (const position of [0, Math.floor(places.length / 2), places.length - 1]) {
          const killed = await open(change);
          const before = await upToPlace((await readRows(killed, null)).pieces, position);
          await killed.close();
          const from = JSON.parse(JSON.stringify(before.place)) as Place;
          const resumed = await readRows(await open(change), from);
          expect([path, resumed.columns]).toEqual([path, columns]);
          const after = linesIn(await collect(resumed.pieces));
          const both = [...before.lines, ...after];
          expect([path, position, both.length]).toEqual([path, position, lines.length]);
          expect([path, position, firstDifference([...lines].sort(), both.sort())]).toEqual([
            path,
            position,
            null,
          ]);
        }
        // Killed once more, where the one that took over had told of its first place.
        const first = await upToPlace((await readRows(await open(change), null)).pieces, 1);
        const second = await upToPlace((await readRows(await open(change), first.place)).pieces, 0);
        const third = linesIn(await collect((await readRows(await open(change), second.place)).pieces));
        const all = [...first.lines, ...second.lines, ...third].sort();
        expect([path, firstDifference([...lines].sort(), all)]).toEqual([path, null]);
        const last = places.at(-1);
        if (last !== undefined) await (await open(change)).release?.(last);
      }
    });

    test('a result that is gone is said to be gone, and a new read gives it anew', async () => {
      const { expireResults } = service();
      if (expireResults === null) return;
      for (const [, change] of everyPath(service())) {
        const { place } = await upToPlace((await readRows(await open(change), null)).pieces, 1);
        await expireResults();
        const resumed = (async () => {
          await collect((await readRows(await open(change), place)).pieces);
        })();
        await expect(resumed).rejects.toMatchObject({ code: 'source_result_expired' });
        expect((await linesOf(await open(change), service().models.rows)).length).toBe(ROWS);
      }
    });

    test('a read that ends early leaves nothing behind at the server', async () => {
      for (const [, change] of everyPath(service())) {
        const source = await open(change);
        const { pieces } = await readRows(source, null);
        let place: Place | null = null;
        for await (const piece of pieces) {
          if (!('place' in piece)) break;
          place = piece.place;
        }
        await source.close();
        if (place !== null) await (await open(change)).release?.(place);
        await idle();
      }
    });

    test('cancel reaches the server', async () => {
      const { slow } = service();
      if (slow === null) return;
      const stopping = new AbortController();
      const source = await open({}, stopping.signal);
      const ended = failureOf(linesOf(source, slow));
      await until(async () => (await service().running()) > 0);
      stopping.abort();
      expect(await ended).toBe('run_cancelled');
      await source.close();
      await idle();
    });

    test('a cancel in the middle of a read reaches the server', async () => {
      const stopping = new AbortController();
      const source = await open({}, stopping.signal);
      const { pieces } = await readRows(source, null);
      const ended = failureOf(
        (async () => {
          for await (const piece of pieces) if (!('place' in piece)) stopping.abort();
        })(),
      );
      // Where everything was under way already when the cancel came, the read may end well.
      expect(['run_cancelled', null]).toContain(await ended);
      await source.close();
      await idle();
    });

    test('a connection that breaks in the middle of a read makes it start again or go on', async () => {
      const { breakConnections } = service();
      if (breakConnections === null) return;
      const source = await open();
      const { pieces } = await readRows(source, null);
      let broken = false;
      const got: Piece[] = [];
      const failure = await thrownBy(
        (async () => {
          for await (const piece of pieces) {
            got.push(piece);
            if (broken || 'place' in piece) continue;
            broken = true;
            await breakConnections();
          }
        })(),
      );
      expect(broken).toBe(true);
      if (failure === null) expect(wrongRows(linesIn(got))).toEqual([]);
      else {
        expect(failure).toBeInstanceOf(BackhaulError);
        expect((failure as BackhaulError).entry.retryable).toBe(true);
      }
      await source.close();
      expect(wrongRows(await linesOf(await open(), service().models.rows))).toEqual([]);
    });

    test('each fault has its code, says where, and tells no secret', async () => {
      const secrets = Object.entries(service().connection).flatMap(([field, value]) =>
        isLiteralSecret(field, value) && typeof value === 'string' ? [value] : [],
      );
      const found: [string, string][] = [];
      for (const { name, connection = {}, model, code, says, provoke } of service().faults) {
        const end = await provoke?.();
        const error = await thrownBy(
          (async () => {
            const source = await open(connection);
            await source.validate(model ?? null);
            if (model !== undefined) await linesOf(source, model);
          })(),
        );
        await end?.();
        found.push([
          name,
          error instanceof BackhaulError ? error.code : `no fault of ours: ${String(error)}`,
        ]);
        expect(found.at(-1)).toEqual([name, code]);
        if (!(error instanceof BackhaulError)) continue;
        if (says !== undefined) expect(error.message).toMatch(says);
        for (const secret of secrets) expect(JSON.stringify(error.view())).not.toContain(secret);
      }
      expect(found.length).toBeGreaterThan(4);
    });

    test('nothing that a model says changes the warehouse', async () => {
      for (const model of service().writes) {
        const said = 'sql' in model ? model.sql : JSON.stringify(model);
        const source = await open();
        expect([said, await failureOf(source.validate(model))]).toEqual([said, 'not_a_select']);
        expect([said, await failureOf(source.preview(model, 1))]).toEqual([said, 'not_a_select']);
        expect([said, await failureOf(linesOf(source, model))]).toEqual([said, 'not_a_select']);
      }
      expect(await linesOf(await open(), service().models.rows)).toHaveLength(ROWS);
    });

    test('a run carries a row to Segment', async () => {
      const { allowedEndpoints, connection, models } = service();
      const here = await openInstallation({
        env: { BACKHAUL_ALLOWED_ENDPOINTS: allowedEndpoints.join(',') },
      });
      try {
        await here.startWorker();
        await here.define({
          connections: { source: connection },
          models: { users: { ...models.one, name: undefined, connection: 'source' } },
          syncs: {
            users: {
              model: 'users',
              destination: 'segment',
              key: { from: 'id', to: 'userId' },
              properties: 'all',
            },
          },
        });
        expect(await here.run('users')).toMatchObject({ status: 'completed', messages: { accepted: 1 } });
        expect(here.receiver.users().get('1')?.traits.email).toBe('user1@example.com');
      } finally {
        await here.close();
      }
      await idle();
    });

    describe('a value reaches Segment', () => {
      const values = documentedValues(type);
      if (values.length === 0) return;
      it.each(values)(
        '$type: $expression arrives as $sent',
        async ({ expression, sent }) => {
          const source = await open();
          const model = await service().valueOf(expression);
          const [column] = await source.describe(model);
          const [line = ''] = await linesOf(source, model);
          const preview = await source.preview(model, 1);
          expect(preview.rows[0]?.[0] ?? null).toEqual(valueIn(line));
          expect(column === undefined ? undefined : sentAs(column, line)).toBe(sent);
        },
        CASE_TIMEOUT_MS,
      );
    });
  });

  function expectedRow(id: number): (string | null)[] {
    return STANDARD_COLUMNS.map((column) => {
      const kind = service().kinds[column];
      return comparable(textOf(column, id, kind), kind);
    });
  }

  function textOf(
    column: (typeof STANDARD_COLUMNS)[number],
    id: number,
    kind: Column['kind'],
  ): string | null {
    const row = standardRow(id);
    const own = service().textOf?.(column, row);
    return own === undefined ? canonicalText(column, row, kind) : own;
  }

  function comparableRow(row: readonly (string | null)[]): (string | null)[] {
    return STANDARD_COLUMNS.map((column, position) =>
      comparable(row[position] ?? null, service().kinds[column]),
    );
  }

  /** Up to three rows that are not as they should be, and ids that are missing or there twice. */
  function wrongRows(lines: readonly string[]): unknown[] {
    const left = new Set(Array.from({ length: ROWS }, (_, index) => index + 1));
    const wrong: unknown[] = [];
    for (const line of lines) {
      const row = line.split('\t').map(valueIn);
      const id = Number(row[0]);
      if (!left.delete(id)) wrong.push({ id, unexpected: true });
      else if (JSON.stringify(comparableRow(row)) !== JSON.stringify(expectedRow(id))) {
        wrong.push({ id, got: row, expected: expectedRow(id) });
      }
      if (wrong.length === 3) return wrong;
    }
    if (left.size > 0) wrong.push({ missing: left.size, such: [...left].slice(0, 3) });
    return wrong;
  }

  function readRows(source: Source, from: Place | null) {
    return source.read(service().models.rows, STANDARD_COLUMNS, reading(from));
  }
}

const reading = (from: Place | null = null) => ({ maxValueBytes: MAX_VALUE_BYTES, id: READ, from });

async function linesOf(source: Source, model: ResolvedModel): Promise<string[]> {
  const columns = (await source.describe(model)).map(({ name }) => name);
  return linesIn(await collect((await source.read(model, columns, reading())).pieces));
}

async function collect(pieces: AsyncIterable<Piece>): Promise<Piece[]> {
  const all: Piece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

const placesIn = (pieces: readonly Piece[]): Place[] =>
  pieces.flatMap((piece) => ('place' in piece ? [piece.place] : []));

function linesIn(pieces: readonly Piece[]): string[] {
  const buffers = pieces.flatMap((piece) => ('place' in piece ? [] : [piece]));
  const lines = Buffer.concat(buffers).toString('utf8').split('\n');
  expect(lines.pop()).toBe('');
  return lines;
}

/** Reads to the place of that position, and no further. */
async function upToPlace(
  pieces: AsyncIterable<Piece>,
  position: number,
): Promise<{ lines: string[]; place: Place }> {
  const got: Piece[] = [];
  for await (const piece of pieces) {
    got.push(piece);
    if (!('place' in piece) || placesIn(got).length <= position) continue;
    return { lines: linesIn(got), place: piece.place };
  }
  throw new Error(`there is no place ${position}`);
}

const everyPath = (service: Service): [string, ConnectionChange][] => [
  ['its own', {}],
  ...Object.entries(service.paths),
];

const valueIn = (written: string): string | null => (written === SPOOL_NULL ? null : unescapeSpool(written));

function firstDifference(one: readonly string[], other: readonly string[]): unknown {
  const position = one.findIndex((line, index) => line !== other[index]);
  return position < 0 ? null : { one: one[position], other: other[position] };
}

function sentAs(column: Column, line: string): string {
  const json = line === SPOOL_NULL ? 'null' : valueWriter(column)(line);
  return typeof json === 'string' ? json : `_invalid: ${json.invalid}_`;
}

async function thrownBy(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
    return null;
  } catch (error) {
    return error;
  }
}

async function failureOf(work: Promise<unknown>): Promise<string | null> {
  const error = await thrownBy(work);
  if (error === null) return null;
  return error instanceof BackhaulError ? error.code : `no fault of ours: ${(error as Error).message}`;
}
