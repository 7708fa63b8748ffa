import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import { currentDefinitions, writeDefinitions } from './definitions.ts';
import { findConnection, findModel, pinDefinition } from './pin-definition.ts';
import { readRun } from './runs.ts';

let bench: LedgerWorkbench;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
});
afterAll(() => bench.close());

const named = async (name: string) =>
  (await currentDefinitions(bench.ledger.db)).filter((definition) => definition.name === name);

describe('definitions', () => {
  it('get a version with each change, and the newest is the one that stands', async () => {
    const write = { kind: 'model' as const, name: 'versioned', digest: 'd' };
    await writeDefinitions(bench.ledger.db, [{ ...write, document: { sql: 'select 1' } }]);
    await writeDefinitions(bench.ledger.db, [{ ...write, document: { sql: 'select 2' } }]);
    expect(await named('versioned')).toEqual([{ ...write, version: 2, document: { sql: 'select 2' } }]);
  });

  it('that were removed are gone, and come back under a new version', async () => {
    const write = { kind: 'model' as const, name: 'removed', digest: 'd' };
    await writeDefinitions(bench.ledger.db, [{ ...write, document: {} }]);
    await writeDefinitions(bench.ledger.db, [{ ...write, document: null }]);
    expect(await named('removed')).toEqual([]);
    await writeDefinitions(bench.ledger.db, [{ ...write, document: { again: true } }]);
    expect(await named('removed')).toMatchObject([{ version: 3 }]);
  });

  it('written from many places at once get a version each', async () => {
    const ledgers = [bench.ledger, bench.anotherLedger()];
    await Promise.all(
      Array.from({ length: 12 }, (_, turn) =>
        writeDefinitions(ledgers[turn % 2]?.db ?? bench.ledger.db, [
          { kind: 'model', name: 'contended', document: { turn }, digest: String(turn) },
        ]),
      ),
    );
    expect(await named('contended')).toMatchObject([{ version: 12 }]);
  });

  it('are written together or not at all', async () => {
    const good = { kind: 'model' as const, name: 'half', document: {}, digest: 'd' };
    const bad = { ...good, name: 'other', digest: null as unknown as string };
    await expect(writeDefinitions(bench.ledger.db, [good, bad])).rejects.toThrow();
    expect(await named('half')).toEqual([]);
  });

  it('of a run stay as they were when it was opened', async () => {
    const { id } = await bench.open('pinned');
    const version = (await pinDefinition(bench.ledger.db, 'pinned')).versions.sync;
    await bench.defineSync('pinned');
    expect((await readRun(bench.ledger.db, id)).definition.versions.sync).toBe(version);
    expect((await pinDefinition(bench.ledger.db, 'pinned')).versions.sync).toBe(version + 1);
  });

  it('that are missing are named', async () => {
    const { db } = bench.ledger;
    await expect(pinDefinition(db, 'nobody')).rejects.toMatchObject({
      code: 'sync_not_found',
      where: 'nobody',
    });
    await expect(findModel(db, 'nobody')).rejects.toMatchObject({ code: 'model_not_found' });
    await expect(findConnection(db, 'nobody')).rejects.toMatchObject({ code: 'connection_not_found' });
    await writeDefinitions(db, [
      { kind: 'sync', name: 'lonely', document: { model: 'nowhere' }, digest: 'd' },
    ]);
    await expect(pinDefinition(db, 'lonely')).rejects.toMatchObject({
      code: 'model_not_found',
      where: 'nowhere',
    });
  });
});
