import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import { blobName } from '../vocabulary/ids.ts';
import { endReading, forgetReading, recordReading, takeOverReading } from './reading.ts';
import type { ReadingReference } from './run-record.ts';
import { closeRun } from './runs.ts';

let bench: LedgerWorkbench;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
});
afterAll(() => bench.close());

const reading = (cursor: number): ReadingReference => ({
  place: { cursor },
  mappingDigest: 'digest',
  columns: [],
  takenAt: '2026-01-01T00:00:00.000Z',
  segments: [{ prefix: blobName('snapshot'), parts: cursor }],
  rows: cursor * 10,
  bytes: cursor * 100,
});

describe('how far a read has come', () => {
  it('is found by the attempt that takes over, and no longer moved by the one before', async () => {
    const { db } = bench.ledger;
    const { id } = await bench.open('taken-over');
    expect(await takeOverReading(db, id, 'first')).toBeNull();
    await recordReading(db, id, 'first', reading(1));
    expect(await takeOverReading(db, id, 'second')).toEqual(reading(1));
    await expect(recordReading(db, id, 'first', reading(2))).rejects.toMatchObject({
      code: 'run_superseded',
    });
    await forgetReading(db, id, 'first');
    await recordReading(db, id, 'second', reading(3));
    expect(await takeOverReading(db, id, 'third')).toEqual(reading(3));
  });

  it('is forgotten by the attempt that is done with it', async () => {
    const { db } = bench.ledger;
    const { id } = await bench.open('forgotten');
    await takeOverReading(db, id, 'first');
    await recordReading(db, id, 'first', reading(1));
    expect(await forgetReading(db, id, 'another')).toBe(false);
    expect(await forgetReading(db, id, 'first')).toBe(true);
    expect(await takeOverReading(db, id, 'second')).toBeNull();
  });

  it('is handed out at the end of the run until it is forgotten, and cannot be recorded after it', async () => {
    const { db } = bench.ledger;
    const { id } = await bench.open('ended');
    await takeOverReading(db, id, 'first');
    await recordReading(db, id, 'first', reading(1));
    expect(await endReading(db, id)).toEqual(reading(1));
    // Whoever was about to end it at the warehouse may have died.
    expect(await endReading(db, id)).toEqual(reading(1));
    await forgetReading(db, id, null);
    expect(await endReading(db, id)).toBeNull();
    await expect(recordReading(db, id, 'first', reading(2))).rejects.toMatchObject({
      code: 'run_superseded',
    });
  });

  it('is not begun for a run that was closed', async () => {
    const { db } = bench.ledger;
    const { id } = await bench.open('closed');
    await closeRun(db, id);
    await expect(takeOverReading(db, id, 'late')).rejects.toMatchObject({ code: 'run_superseded' });
  });
});
