import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startGcs } from '../standins/gcs.ts';
import { startS3 } from '../standins/s3.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

const CREDENTIALS = { AWS_ACCESS_KEY_ID: 'standin', AWS_SECRET_ACCESS_KEY: 'standin' };
const closing: (() => Promise<void>)[] = [];
const installations = new Map<string, TestInstallation>();

beforeAll(async () => {
  Object.assign(process.env, CREDENTIALS);
  const s3 = await startOrSkip('blobs in S3', () => startS3('warehouse-to-segment'));
  const gcs = await startOrSkip('blobs in Google Cloud Storage', () => startGcs('warehouse-to-segment'));
  const open = async (name: string, url: string, close: () => Promise<void>): Promise<void> => {
    closing.push(close);
    const installation = await openInstallation({ env: { BACKHAUL_BLOBS: url, ...CREDENTIALS } });
    installations.set(name, installation);
    closing.push(() => installation.close());
    await installation.startWorker();
  };
  if (s3 !== null)
    await open('s3', `s3://warehouse-to-segment/backhaul?region=eu-west-1&endpoint=${s3.origin}`, s3.close);
  if (gcs !== null) await open('gs', `gs://warehouse-to-segment/backhaul?endpoint=${gcs.origin}`, gcs.close);
}, 600_000);
afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

it.each(['s3', 'gs'])(
  'a sync runs twice with its blobs in %s://, and its rows are read from there',
  async (name) => {
    const installation = installations.get(name);
    if (installation === undefined) return;
    const { backhaul, receiver, warehouse } = installation;
    await warehouse.query(
      "create table people as select n::text as user_id, 'free' as plan from generate_series(1, 12000) n",
    );
    await installation.sync('people', 'select user_id, plan from people', { lanes: 2 });
    expect(await installation.run('people')).toMatchObject({
      status: 'completed',
      messages: { accepted: 12_000 },
    });
    await warehouse.query("update people set plan = 'pro' where user_id in ('7', '11999')");
    const second = await installation.run('people');
    expect(second).toMatchObject({ status: 'completed', rows: { changed: 2, unchanged: 11_998 } });
    expect(receiver.users().get('7')?.traits).toMatchObject({ plan: 'pro' });
    const keys: (string | null)[] = [];
    for await (const { key } of backhaul.runs.rows(second.id, { outcome: 'accepted', payload: true }))
      keys.push(key);
    expect(keys.sort()).toEqual(['11999', '7']);
    expect(await backhaul.models.preview('people', { limit: 1 })).toMatchObject({
      rows: [[expect.anything(), expect.anything()]],
    });
  },
);
