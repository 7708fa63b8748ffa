import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FSDriver } from 'flydrive/drivers/fs';
import { blobName } from '../vocabulary/ids.ts';
import { blobsOver, openBlobs, type Blobs } from './blobs.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-blobs-'));
});
afterAll(() => rm(folder, { recursive: true }));

const storages: [string, () => Blobs][] = [
  ['a local directory', () => openBlobs(pathToFileURL(join(folder, 'atomic')).href)],
  [
    'any other driver',
    () => blobsOver(new FSDriver({ location: join(folder, 'plain'), visibility: 'private' })),
  ],
];

describe.each(storages)('blobs in %s', (_, open) => {
  it('gives back what was put', async () => {
    const blobs = open();
    await blobs.put(blobName('runs', 'a', 'page'), 'héllo');
    expect((await blobs.get(blobName('runs', 'a', 'page'))).toString()).toBe('héllo');
    const pieces: Uint8Array[] = [];
    for await (const piece of blobs.read(blobName('runs', 'a', 'page'))) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe('héllo');
    expect(await blobs.exists(blobName('runs', 'a', 'page'))).toBe(true);
  });

  it('says which blob is missing', async () => {
    await expect(open().get(blobName('not', 'there'))).rejects.toMatchObject({
      code: 'snapshot_missing',
      where: 'blob not/there',
    });
    await expect(
      (async () => {
        for await (const piece of open().read(blobName('not', 'there'))) void piece;
      })(),
    ).rejects.toMatchObject({ code: 'snapshot_missing' });
    await expect(open().fetch(blobName('not', 'there'), join(folder, 'x'))).rejects.toMatchObject({
      code: 'snapshot_missing',
    });
  });

  it('takes in a local file and hands out a local copy', async () => {
    const blobs = open();
    const local = join(folder, `local-${Math.random()}`);
    await writeFile(local, 'content');
    await blobs.adopt(local, blobName('state', 'one'));
    await expect(readFile(local)).rejects.toMatchObject({ code: 'ENOENT' });
    const copy = join(folder, `copy-${Math.random()}`);
    await blobs.fetch(blobName('state', 'one'), copy);
    expect(await readFile(copy, 'utf8')).toBe('content');
  });

  it('lists and removes by prefix', async () => {
    const blobs = open();
    await blobs.put(blobName('list', 'b'), '1');
    await blobs.put(blobName('list', 'a', 'c'), '2');
    expect(await blobs.list(blobName('list'))).toEqual(['list/a/c', 'list/b']);
    await blobs.remove(blobName('list'));
    expect(await blobs.exists(blobName('list', 'b'))).toBe(false);
  });
});

it('a write that fails leaves nothing under the name', async () => {
  const blobs = openBlobs(pathToFileURL(join(folder, 'failing')).href);
  await expect(blobs.adopt(join(folder, 'no-such-file'), blobName('x', 'y'))).rejects.toMatchObject({
    code: 'blobs_unavailable',
  });
  expect(await readdir(join(folder, 'failing', 'x'))).toEqual([]);
});

it('a storage that is not built yet is refused', () => {
  expect(() => openBlobs('s3://bucket/prefix')).toThrow(
    expect.objectContaining({ code: 'not_available_yet' }),
  );
  expect(() => openBlobs('ftp://x')).toThrow(expect.objectContaining({ code: 'blobs_scheme_unknown' }));
});
