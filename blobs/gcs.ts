import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Bucket, File } from '@google-cloud/storage';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { unlessSilent, whileHeard } from './silence.ts';
import { below, rootOf, type Storage } from './storage.ts';

/**
 * Google Cloud Storage: `gs://bucket/prefix`. Credentials are the application's default ones; with `endpoint=http://…`, for an
 * emulator, none are sent.
 */
export function openGcs(url: URL, silenceMs: number): Storage {
  const root = rootOf(url);
  const bucket = gcsBucket(url, silenceMs);
  const file = async (key: string): Promise<File> => (await bucket()).file(root + key);
  // The client's own limit ends with the head of the answer.
  const body = async (key: string): Promise<AsyncGenerator<Buffer>> =>
    unlessSilent((await file(key)).createReadStream(), silenceMs);

  async function* list(folder: string): AsyncGenerator<string> {
    let pageToken: string | undefined;
    do {
      const [files, next] = await (
        await bucket()
      ).getFiles({ prefix: below(root, folder), autoPaginate: false, ...(pageToken && { pageToken }) });
      for (const { name } of files) yield name.slice(root.length);
      pageToken = (next as { pageToken?: string } | null)?.pageToken;
    } while (pageToken !== undefined);
  }

  return {
    put: async (key, content) =>
      (await file(key)).save(typeof content === 'string' ? content : Buffer.from(content), {
        resumable: false,
        timeout: silenceMs,
      }),
    get: async (key) => buffer(await body(key)),
    read: body,
    async exists(key) {
      const [exists] = await (await file(key)).exists();
      return exists;
    },
    async adopt(localFile, key) {
      const target = (await file(key)).createWriteStream({ resumable: true });
      await whileHeard(silenceMs, (signal, heard) =>
        pipeline(createReadStream(localFile), target.on('progress', heard), { signal }),
      );
      await rm(localFile, { force: true });
    },
    fetch: async (key, scratchFile) =>
      pipeline(await body(key), createWriteStream(scratchFile, { flags: 'wx' })),
    list,
    async remove(key) {
      await (await file(key)).delete({ ignoreNotFound: true });
      for await (const one of list(key)) await (await file(one)).delete({ ignoreNotFound: true });
    },
    async faultOf(error) {
      const { code } = error as { code?: number | string };
      if (code === 401 || code === 403) return 'refused';
      if (code !== 404) return 'unavailable';
      // Of a bucket and of an object that is not there the code is the same.
      const [exists] = await (await bucket()).exists();
      return exists ? 'missing' : 'refused';
    },
  };
}

function gcsBucket(url: URL, timeout: number): () => Promise<Bucket> {
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !URL.canParse(endpoint))
    throw new BackhaulError('blobs_scheme_unknown', 'endpoint of BACKHAUL_BLOBS is not a URL');
  let opened: Promise<Bucket> | undefined;
  const open = async (): Promise<Bucket> => {
    const { IdempotencyStrategy, Storage } = await import('@google-cloud/storage');
    const storage = new Storage({
      timeout,
      // Of what asks for a token.
      clientOptions: { transporterOptions: { timeout } },
      // A name is written once, so a write may be repeated.
      retryOptions: { idempotencyStrategy: IdempotencyStrategy.RetryAlways },
      ...(endpoint !== undefined && { apiEndpoint: endpoint, projectId: 'emulator' }),
    });
    return storage.bucket(url.hostname);
  };
  return () => (opened ??= open());
}
