import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../dev/free-port.ts';
import { startGcs, type Gcs } from '../test/standins/gcs.ts';
import { startS3, type S3 } from '../test/standins/s3.ts';
import { startOrSkip } from '../test/standins/start-or-skip.ts';
import { blobName } from '../vocabulary/ids.ts';
import { linesOf } from '../vocabulary/lines.ts';
import { openBlobs, type Blobs } from './blobs.ts';

let folder: string;
let s3: S3 | null;
let gcs: Gcs | null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-blobs-'));
  s3 = await startOrSkip('blobs in S3', () => startS3('blobs'));
  gcs = await startOrSkip('blobs in Google Cloud Storage', () => startGcs('blobs'));
  // As the AWS SDK finds them.
  process.env.AWS_ACCESS_KEY_ID = 'standin';
  process.env.AWS_SECRET_ACCESS_KEY = 'standin';
}, 600_000);
afterAll(async () => {
  await s3?.close();
  await gcs?.close();
  await rm(folder, { recursive: true });
});

const s3Url = (path: string): string => `s3://${path}?region=eu-west-1&endpoint=${s3?.origin}`;
const gcsUrl = (path: string): string => `gs://${path}?endpoint=${gcs?.origin}`;

const storages: [string, () => Blobs | null][] = [
  ['a local directory', () => openBlobs(pathToFileURL(join(folder, 'atomic')).href)],
  ['S3', () => (s3 === null ? null : openBlobs(s3Url('blobs/some/prefix')))],
  ['Google Cloud Storage', () => (gcs === null ? null : openBlobs(gcsUrl('blobs/some/prefix')))],
];

describe.each(storages)('blobs in %s', (_, opened) => {
  const there = (sentence: string, test: (blobs: Blobs) => Promise<void>): void =>
    it(sentence, async () => {
      const blobs = opened();
      if (blobs !== null) await test(blobs);
    });

  there('gives back what was put', async (blobs) => {
    await blobs.put(blobName('runs', 'a', 'page'), 'héllo');
    expect((await blobs.get(blobName('runs', 'a', 'page'))).toString()).toBe('héllo');
    const pieces: Uint8Array[] = [];
    for await (const piece of blobs.read(blobName('runs', 'a', 'page'))) pieces.push(piece);
    expect(Buffer.concat(pieces).toString()).toBe('héllo');
    expect(await blobs.exists(blobName('runs', 'a', 'page'))).toBe(true);
    await blobs.put(blobName('runs', 'a', 'empty'), '');
    expect((await blobs.get(blobName('runs', 'a', 'empty'))).toString()).toBe('');
  });

  there('takes the folders of a warehouse, and has none where nothing was written', async (blobs) => {
    const name = blobName('writeback', 'sync=users', 'run_date=2026-11-26', 'a.parquet');
    expect(await blobs.list(blobName('writeback', 'sync=users'))).toEqual([]);
    await blobs.put(name, 'rows');
    expect(await blobs.list(blobName('writeback', 'sync=users'))).toEqual([name]);
    await blobs.remove(name);
    await blobs.remove(name);
    expect(await blobs.exists(name)).toBe(false);
  });

  there('says which blob is missing', async (blobs) => {
    await expect(blobs.get(blobName('not', 'there'))).rejects.toMatchObject({
      code: 'snapshot_missing',
      where: 'blob not/there',
    });
    await expect(
      (async () => {
        for await (const piece of blobs.read(blobName('not', 'there'))) void piece;
      })(),
    ).rejects.toMatchObject({ code: 'snapshot_missing' });
    await expect(blobs.fetch(blobName('not', 'there'), join(folder, 'x'))).rejects.toMatchObject({
      code: 'snapshot_missing',
    });
  });

  there('takes in a local file and hands out a local copy', async (blobs) => {
    // More than one part of an upload.
    const content = randomBytes(20 * 2 ** 20);
    const local = join(folder, `local-${Math.random()}`);
    await writeFile(local, content);
    await blobs.adopt(local, blobName('state', 'one'));
    await expect(readFile(local)).rejects.toMatchObject({ code: 'ENOENT' });
    const copy = join(folder, `copy-${Math.random()}`);
    await blobs.fetch(blobName('state', 'one'), copy);
    expect((await readFile(copy)).equals(content)).toBe(true);
  });

  there('lists and removes what is below a folder, and nothing that only begins alike', async (blobs) => {
    await blobs.put(blobName('list', 'b'), '1');
    await blobs.put(blobName('list', 'a', 'c'), '2');
    await blobs.put(blobName('list2', 'b'), '3');
    expect(await blobs.list(blobName('list'))).toEqual(['list/a/c', 'list/b']);
    await blobs.remove(blobName('list', 'b'));
    expect(await blobs.list(blobName('list'))).toEqual(['list/a/c']);
    await blobs.remove(blobName('list'));
    await blobs.remove(blobName('list'));
    expect(await blobs.exists(blobName('list', 'a', 'c'))).toBe(false);
    expect(await blobs.exists(blobName('list2', 'b'))).toBe(true);
  });
});

it('what is below a folder in S3 may be more than one answer holds', async () => {
  if (s3 === null) return;
  const blobs = openBlobs(s3Url('blobs/many'));
  const names = Array.from({ length: 1001 }, (_, position) => blobName('below', `${position + 10_000}`));
  for (let from = 0; from < names.length; from += 20)
    await Promise.all(names.slice(from, from + 20).map((name) => blobs.put(name, 'x')));
  expect(await blobs.list(blobName('below'))).toEqual(names);
  await blobs.remove(blobName('below'));
  expect(await blobs.list(blobName('below'))).toEqual([]);
});

describe('object storage that refuses', () => {
  it.each([
    ['S3', () => s3 && s3Url('no-such-bucket')],
    ['Google Cloud Storage', () => gcs && gcsUrl('no-such-bucket')],
  ])('%s says so: a person has to act', async (_, url) => {
    const at = url();
    if (at === null) return;
    for (const work of [
      (blobs: Blobs) => blobs.get(blobName('a')),
      (blobs: Blobs) => blobs.put(blobName('a'), 'x'),
    ])
      await expect(work(openBlobs(at))).rejects.toMatchObject({
        code: 'blobs_refused',
        entry: { retryable: false },
      });
  });

  it('one that does not answer is tried again', async () => {
    const nowhere = openBlobs(`gs://blobs?endpoint=http://127.0.0.1:${await freePort()}`);
    await expect(nowhere.exists(blobName('a'))).rejects.toMatchObject({
      code: 'blobs_unavailable',
      entry: { retryable: true },
    });
  });
});

describe('object storage that takes a request and goes silent', () => {
  const SILENCE_MS = 300;
  const sockets: Socket[] = [];
  let answers: string;
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    if (answers !== '') socket.once('data', () => socket.write(answers));
  });
  let origin: string;
  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  const name = blobName('a');
  const local = async (): Promise<string> => {
    const file = join(folder, `silent-${Math.random()}`);
    await writeFile(file, 'x'.repeat(100_000));
    return file;
  };
  const calls: [string, (blobs: Blobs) => Promise<unknown>][] = [
    ['get', (blobs) => blobs.get(name)],
    ['read', async (blobs) => linesOf(blobs.read(name)).next()],
    ['fetch', (blobs) => blobs.fetch(name, join(folder, `copy-${Math.random()}`))],
    ['put', (blobs) => blobs.put(name, 'x'.repeat(100_000))],
    ['adopt', async (blobs) => blobs.adopt(await local(), name)],
    ['list', (blobs) => blobs.list(name)],
    ['exists', (blobs) => blobs.exists(name)],
    ['remove', (blobs) => blobs.remove(name)],
  ];
  const schemes = ['s3', 'gs'] as const;
  const at = (scheme: string): Blobs =>
    openBlobs(`${scheme}://blobs?region=eu-west-1&endpoint=${origin}`, SILENCE_MS);

  it.each(schemes.flatMap((scheme) => calls.map(([call, work]) => [scheme, call, work] as const)))(
    '%s: %s fails as unavailable',
    async (scheme, _, work) => {
      answers = '';
      await expect(work(at(scheme))).rejects.toMatchObject({ code: 'blobs_unavailable' });
    },
    60_000,
  );

  it.each(
    schemes.flatMap((scheme) => calls.slice(0, 3).map(([call, work]) => [scheme, call, work] as const)),
  )(
    '%s: %s fails as unavailable, also in the middle of what it answers',
    async (scheme, _, work) => {
      answers = 'HTTP/1.1 200 OK\r\ncontent-length: 100000\r\netag: "a"\r\n\r\nbegun';
      await expect(work(at(scheme))).rejects.toMatchObject({ code: 'blobs_unavailable' });
    },
    60_000,
  );
});

it('a write that fails leaves nothing under the name', async () => {
  const blobs = openBlobs(pathToFileURL(join(folder, 'failing')).href);
  await expect(blobs.adopt(join(folder, 'no-such-file'), blobName('x', 'y'))).rejects.toMatchObject({
    code: 'blobs_unavailable',
  });
  expect(await readdir(join(folder, 'failing', 'x'))).toEqual([]);
});

it('a storage that there is not is refused', () => {
  expect(() => openBlobs('ftp://x')).toThrow(expect.objectContaining({ code: 'blobs_scheme_unknown' }));
  expect(() => openBlobs('s3://bucket?endpoint=minio')).toThrow(
    expect.objectContaining({ code: 'blobs_scheme_unknown' }),
  );
});
