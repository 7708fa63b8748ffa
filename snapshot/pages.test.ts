import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blobName, type BlobName } from '../vocabulary/ids.ts';
import type { BlobStore } from './blob-store.ts';
import { cutPages, indexLine, PAGE_BYTES, PAGE_ROWS, readPage } from './pages.ts';
import { readIndexKeys } from '../vocabulary/page-index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-pages-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function cut(lines: readonly string[], bytesPerRow = 0): Promise<Buffer[]> {
  const file = join(folder, `planned-${Math.random()}`);
  await writeFile(file, lines.map((line) => `${line}\n`).join(''));
  const put = new Map<BlobName, Buffer>();
  const refuse = async (): Promise<void> => {
    throw new Error('only put is used');
  };
  const blobs: BlobStore = {
    put: async (name, content) => void put.set(name, Buffer.from(content)),
    adopt: refuse,
    fetch: refuse,
  };
  const pages = await cutPages(file, blobName('plan'), blobs, { bytesPerRow });
  expect([...put.keys()]).toEqual(Array.from({ length: pages }, (_, page) => `plan/page-${page}`));
  return [...put.values()];
}

const planned = (key: number, value: string): string => `a\t0\t1\t2\tkey-${key}\t${value}`;

describe('pages', () => {
  it('are cut earlier when their messages are larger than their rows', async () => {
    const lines = Array.from({ length: 5000 }, (_, row) => planned(row, 'x'));
    const pages = await cut(lines, PAGE_BYTES / 1000);
    for (const page of pages) expect([...readPage(page)].length).toBeLessThanOrEqual(1000);
    expect(pages.length).toBeLessThanOrEqual(6);
    expect(Buffer.concat(pages).toString()).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('hold so many rows at most, and all of them in order', async () => {
    const lines = Array.from({ length: 2 * PAGE_ROWS + 1 }, (_, row) => planned(row, 'é'.repeat(row % 50)));
    const pages = await cut(lines);
    expect(pages.map((page) => [...readPage(page)].length)).toEqual([PAGE_ROWS, PAGE_ROWS, 1]);
    expect(Buffer.concat(pages).toString()).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('are cut earlier when rows are wide', async () => {
    const width = 30_000;
    const lines = Array.from({ length: 1200 }, (_, row) => planned(row, 'x'.repeat(width)));
    const pages = await cut(lines);
    expect(pages.length).toBe(3);
    for (const page of pages) expect(page.length).toBeLessThan(PAGE_BYTES + 2 * width);
    expect(Buffer.concat(pages).toString()).toBe(lines.map((line) => `${line}\n`).join(''));
  });

  it('exactly full leave no empty page behind', async () => {
    expect(await cut(Array.from({ length: PAGE_ROWS }, (_, row) => planned(row, '')))).toHaveLength(1);
    expect(await cut([])).toHaveLength(0);
  });

  it('have an index that names the key of each message', () => {
    const rows = [...readPage(Buffer.from('c\t7\t18446744073709551615\t0\ta\\tb\t\\N\n'))];
    expect(rows).toEqual([
      {
        change: 'changed',
        sequence: 7,
        fingerprint: { high: '18446744073709551615', low: '0' },
        values: ['a\\tb', null],
      },
    ]);
    const index = rows.map((row, position) => indexLine(3, position, row)).join('');
    expect(index).toBe('3\t0\ta\\tb\t18446744073709551615\t0\t7\n');
    expect(readIndexKeys(Buffer.from(index))).toEqual(['a\tb']);
  });
});
