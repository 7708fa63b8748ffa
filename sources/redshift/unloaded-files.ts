import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { BackhaulError } from '../../vocabulary/backhaul-error.ts';

export interface UnloadedFile {
  key: string;
  /** As Redshift counted them when it wrote the file; null when it did not say. */
  rows: number | null;
}

/** The files below a folder in S3 that an UNLOAD has written. */
export interface UnloadedFiles {
  /** In the order of the manifest; null as long as the UNLOAD has not ended. */
  list(folder: string): Promise<UnloadedFile[] | null>;
  /** The characters of a file, piece by piece. */
  read(file: UnloadedFile): AsyncGenerator<string>;
  remove(folder: string): Promise<void>;
  /** Throws when the bucket is not there, or may not be listed. */
  check(): Promise<void>;
  close(): void;
}

interface Manifest {
  entries?: { url: string; meta?: { record_count?: number } }[];
}

export const FILES = 'part-';
/** How much of a file is unpacked, and handed on, at once. */
const CHUNK_BYTES = 256 * 1024;

export function unloadedFiles(options: {
  settings: S3ClientConfig;
  /** `s3://bucket/prefix` */
  unloadTo: string;
  signal: AbortSignal;
  /** @param action of S3, as a policy names it */
  translate(action: string, error: unknown): BackhaulError;
}): UnloadedFiles {
  const { settings, signal, translate, unloadTo } = options;
  const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(unloadTo) ?? [];
  const client = new S3Client(settings);
  const keyOf = (url: string): string => url.slice(`s3://${bucket}/`.length);
  const asking = async <T>(action: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw translate(action, error);
    }
  };
  const get = async (key: string): Promise<Readable> => {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    return (await client.send(command, { abortSignal: signal })).Body as Readable;
  };

  return {
    list: (folder) =>
      asking('s3:GetObject', async () => {
        const body = await get(`${keyOf(folder)}${FILES}manifest`).catch((error: unknown) => {
          if (error instanceof Error && error.name === 'NoSuchKey') return null;
          throw error;
        });
        if (body === null) return null;
        let text = '';
        for await (const chunk of body.setEncoding('utf8')) text += String(chunk);
        const { entries = [] } = JSON.parse(text) as Manifest;
        return entries.map(({ meta, url }) => ({ key: keyOf(url), rows: meta?.record_count ?? null }));
      }),
    async *read({ key }) {
      const body = await asking('s3:GetObject', () => get(key));
      const plain = createGunzip({ chunkSize: CHUNK_BYTES });
      const stop = (error: Error): void => void plain.destroy(error);
      body.on('error', stop);
      body.on('close', () => {
        if (!body.readableEnded) stop(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
      });
      const onAbort = (): void => stop(new Error('aborted'));
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        for await (const chunk of body.pipe(plain).setEncoding('utf8')) yield String(chunk);
      } catch (error) {
        throw translate('s3:GetObject', error);
      } finally {
        signal.removeEventListener('abort', onAbort);
        body.destroy();
        plain.destroy();
      }
    },
    remove: (folder) =>
      asking('s3:DeleteObject', async () => {
        for (;;) {
          const listing = new ListObjectsV2Command({ Bucket: bucket, Prefix: keyOf(folder) });
          const { Contents = [], IsTruncated } = await client.send(listing);
          const Objects = Contents.map(({ Key }) => ({ Key }));
          if (Objects.length === 0) return;
          const deleted = await client.send(
            new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
          );
          const [refused] = deleted.Errors ?? [];
          if (refused !== undefined) throw Object.assign(new Error(refused.Code), { name: refused.Code });
          if (IsTruncated !== true) return;
        }
      }),
    check: () =>
      asking('s3:ListBucket', async () => {
        const listing = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, MaxKeys: 1 });
        await client.send(listing, { abortSignal: signal });
      }),
    close: () => client.destroy(),
  };
}
