import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import type * as Sdk from '@aws-sdk/client-s3';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { below, rootOf, type Storage } from './storage.ts';

/**
 * Amazon S3, or what speaks its protocol: `s3://bucket/prefix?region=eu-west-1`; with `endpoint=https://…` buckets are paths.
 * Credentials are found as the AWS SDK finds them: variables, files, the role of the machine.
 */
export function openS3(url: URL, silenceMs: number): Storage {
  const Bucket = url.hostname;
  const root = rootOf(url);
  const { client, sdk } = s3Client(url, silenceMs);

  const send = async <T>(work: (s3: Sdk.S3Client, commands: typeof Sdk) => Promise<T>): Promise<T> =>
    work(await client(), await sdk());
  const answerOf = (key: string, range?: string): Promise<Sdk.GetObjectCommandOutput> =>
    send((s3, { GetObjectCommand }) =>
      s3.send(new GetObjectCommand({ Bucket, Key: root + key, ...(range && { Range: range }) })),
    );
  const bytesOf = async ({ Body }: Sdk.GetObjectCommandOutput): Promise<Uint8Array> =>
    Body === undefined ? Buffer.alloc(0) : Body.transformToByteArray();

  /** Piece by piece, each whole: a reader that takes its time leaves no answer half read, which would count as silence. */
  async function* pieces(key: string): AsyncGenerator<Uint8Array> {
    for (let from = 0; ; from += PIECE_BYTES) {
      const answer = await answerOf(key, `bytes=${from}-${from + PIECE_BYTES - 1}`).catch(
        (error: unknown) => {
          // What an empty object answers.
          if (nameOf(error) === 'InvalidRange') return null;
          throw error;
        },
      );
      if (answer === null) return;
      yield await bytesOf(answer);
      const length = Number(answer.ContentRange?.split('/')[1] ?? 0);
      if (from + PIECE_BYTES >= length) return;
    }
  }

  async function* list(folder: string): AsyncGenerator<string> {
    let ContinuationToken: string | undefined;
    do {
      const page = await send((s3, { ListObjectsV2Command }) =>
        s3.send(new ListObjectsV2Command({ Bucket, Prefix: below(root, folder), ContinuationToken })),
      );
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key.slice(root.length);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  const removeSome = (keys: readonly string[]): Promise<void> =>
    send(async (s3, { DeleteObjectsCommand }) => {
      const Objects = keys.map((key) => ({ Key: root + key }));
      const { Errors = [] } = await s3.send(
        new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }),
      );
      // Answered with a 200 all the same.
      const [failed] = Errors;
      if (failed !== undefined)
        throw Object.assign(new Error(failed.Code), { name: failed.Code ?? 'DeleteObjects' });
    });

  return {
    async put(key, content) {
      await send((s3, { PutObjectCommand }) =>
        s3.send(new PutObjectCommand({ Bucket, Key: root + key, Body: Buffer.from(content) })),
      );
    },
    get: async (key) => bytesOf(await answerOf(key)),
    read: async (key) => pieces(key),
    async exists(key) {
      try {
        await send((s3, { HeadObjectCommand }) =>
          s3.send(new HeadObjectCommand({ Bucket, Key: root + key })),
        );
        return true;
      } catch (error) {
        if (nameOf(error) === 'NotFound') return false;
        throw error;
      }
    },
    async adopt(localFile, key) {
      const { Upload } = await import('@aws-sdk/lib-storage');
      // In parts: one PUT takes 5 GB at most.
      const upload = new Upload({
        client: await client(),
        params: { Bucket, Key: root + key, Body: createReadStream(localFile) },
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
      });
      await upload.done();
      await rm(localFile, { force: true });
    },
    async fetch(key, scratchFile) {
      const { Body } = await answerOf(key);
      await pipeline(Body as Readable, createWriteStream(scratchFile, { flags: 'wx' }));
    },
    list,
    async remove(key) {
      let some = [key];
      for await (const one of list(key)) {
        if (some.length === MOST_REMOVED_AT_ONCE) {
          await removeSome(some);
          some = [];
        }
        some.push(one);
      }
      await removeSome(some);
    },
    async faultOf(error) {
      const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
      const status = $metadata?.httpStatusCode ?? 0;
      if (MISSING.includes(nameOf(error))) return 'missing';
      return REFUSED.includes(nameOf(error)) || status === 403 || status === 301 ? 'refused' : 'unavailable';
    },
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MOST_REMOVED_AT_ONCE = 1000;
/** At most 10,000 parts make an object (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html): 160 GB. */
const PART_BYTES = 16 * 2 ** 20;
/** Each is held in memory. */
const PARTS_AT_ONCE = 2;
const ATTEMPTS = 5;
/** Held in memory by who reads piece by piece. */
const PIECE_BYTES = 8 * 2 ** 20;
const CONNECT_MS = 10_000;
/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const MISSING = ['NoSuchKey', 'NotFound'];
const REFUSED = ['NoSuchBucket', 'AccessDenied', 'InvalidAccessKeyId', 'SignatureDoesNotMatch'];

const nameOf = (error: unknown): string => (error as { name?: string }).name ?? '';

function s3Client(url: URL, silenceMs: number) {
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  const region = url.searchParams.get('region') ?? undefined;
  if (endpoint !== undefined && !URL.canParse(endpoint))
    throw new BackhaulError('blobs_scheme_unknown', 'endpoint of BACKHAUL_BLOBS is not a URL');
  const sdk = () => import('@aws-sdk/client-s3');
  let opened: Promise<Sdk.S3Client> | undefined;
  const open = async (): Promise<Sdk.S3Client> => {
    const { S3Client } = await sdk();
    return new S3Client({
      maxAttempts: ATTEMPTS,
      // Without these a request that nobody answers waits for ever.
      requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: silenceMs },
      ...(region !== undefined && { region }),
      ...(endpoint !== undefined && {
        endpoint,
        forcePathStyle: true,
        region: region ?? 'us-east-1',
        // Not all that speak S3 know its newer checksums.
        requestChecksumCalculation: 'WHEN_REQUIRED' as const,
        responseChecksumValidation: 'WHEN_REQUIRED' as const,
      }),
    });
  };
  return { sdk, client: () => (opened ??= open()) };
}
