import { gzipSync } from 'node:zlib';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

export interface Unload {
  select: string;
  bucket: string;
  prefix: string;
}

/** So many slices write files of their own. */
const SLICES = 4;

/** An UNLOAD as Backhaul writes it; null for any other statement. In a literal, a backslash is an escape. */
export function unloadIn(sql: string): Unload | null {
  const parts =
    /^unload \('(.*)'\) to 's3:\/\/([^/']+)\/([^']*)' iam_role (?:'[^']+'|default) format as csv gzip manifest verbose maxfilesize \d+ mb(?: region '[^']+')?$/s.exec(
      sql,
    );
  if (parts === null) return null;
  const [, quoted = '', bucket = '', prefix = ''] = parts;
  return {
    select: quoted.replace(/''|\\(.)/gs, (both, escaped?: string) => escaped ?? both[0] ?? ''),
    bucket,
    prefix,
  };
}

/** What a slice had written when the UNLOAD failed. */
export async function leavePart(s3: S3Client, { bucket, prefix }: Unload): Promise<void> {
  const part = { Bucket: bucket, Key: `${prefix}0000_part_00.gz`, Body: gzipSync('1\n') };
  await s3.send(new PutObjectCommand(part)).catch(() => undefined);
}

/** What a slice would have written, and the manifest last; of no rows there is neither. @param lines CSV, a row each */
export async function writeFiles(
  s3: S3Client,
  { bucket, prefix }: Unload,
  lines: readonly Buffer[],
): Promise<void> {
  const put = (key: string, body: Buffer): Promise<unknown> =>
    s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  if (lines.length === 0) return;
  const share = Math.ceil(lines.length / SLICES);
  const entries = [];
  for (let slice = 0; slice * share < lines.length; slice += 1) {
    const mine = lines.slice(slice * share, (slice + 1) * share);
    const key = `${prefix}${String(slice).padStart(4, '0')}_part_00.gz`;
    const body = gzipSync(Buffer.concat(mine));
    await put(key, body);
    const meta = { content_length: body.length, record_count: mine.length };
    entries.push({ url: `s3://${bucket}/${key}`, meta });
  }
  const manifest = { entries, meta: { record_count: lines.length } };
  await put(`${prefix}manifest`, Buffer.from(JSON.stringify(manifest)));
}
