import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { resolveConnection } from '../../definitions/references.ts';
import { startRockset, type RocksetServer } from '../../test/standins/rockset/rockset-server.ts';
import { until } from '../../test/support/until.ts';
import { openRockset } from './open-rockset.ts';

const SLOW = { name: 'm', sql: 'select count(*) as id from range(1000000) a, range(1000000) b' };
let server: RocksetServer;

beforeAll(async () => {
  server = await startRockset({ key: true }, async () => undefined);
});
afterAll(() => server.close());

it('rockset: a query whose answer gets lost is found and cancelled, and no other', async () => {
  const connection = resolveConnection('warehouse', {
    type: 'rockset',
    host: server.url,
    apiKey: 'key',
    statementTimeout: '10m',
  });
  const open = () =>
    openRockset('warehouse', connection, { signal: new AbortController().signal, allowedEndpoints: [] });
  const [other, source] = [open(), open()];
  const described = other.describe(SLOW).catch(() => undefined);
  await until(async () => server.running() === 1);
  server.loseAnswer();
  await expect(source.describe(SLOW)).rejects.toMatchObject({ entry: { retryable: true } });
  expect(server.running()).toBe(1);
  await Promise.all([source.close(), other.close()]);
  await described;
});
