import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runProgram } from '../run-program.ts';
import { startOrSkip } from '../start-or-skip.ts';
import { startPublicApi, tooManyRequests } from './public-api-server.ts';
import { modelsOf, segmentSdk } from './segment-sdk.ts';

const TOKEN = 'sgp_standin';
const sdk = await startOrSkip('segment public api', segmentSdk);
const server = await startPublicApi({
  slug: 'acme',
  tokens: [{ token: TOKEN, admin: ['one'] }],
  sources: [
    { id: 'one', slug: 'users', name: 'Users', writeKeys: ['K'.repeat(32)] },
    { id: 'two', slug: 'events', enabled: false, writeKeys: ['L'.repeat(32)] },
  ],
  deliveries: { one: { received: 9998, failed: { id_not_string: 2 } } },
});
afterAll(() => server.close());

const WINDOW =
  'sourceId=one&startTime=2026-01-01T00:00:00Z&endTime=2026-01-01T01:00:00Z&granularity=minute&pagination[count]=10';

const ask = async (path: string, token = TOKEN): Promise<{ status: number; body: unknown }> => {
  const answer = await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, body: await answer.json() };
};

(sdk === null ? describe.skip : describe)("the stand-in, against Segment's own client", () => {
  const check = modelsOf(sdk ?? '');

  it.each([
    ['/', 200, 'GetWorkspace200Response'],
    ['/sources?pagination[count]=1', 200, 'ListSources200Response'],
    ['/sources?pagination[count]=1000', 200, 'ListSources200Response'],
    ['/sources/one', 200, 'GetSource200Response'],
    ['/sources/two', 200, 'GetSource200Response'],
    [
      `/delivery-overview/successfully-received?${WINDOW}`,
      200,
      'GetEgressFailedMetricsFromDeliveryOverview200Response',
    ],
    [
      `/delivery-overview/failed-on-ingest?${WINDOW}&groupBy[0]=discardReason`,
      200,
      'GetEgressFailedMetricsFromDeliveryOverview200Response',
    ],
    ['/sources', 422, 'RequestErrorEnvelope'],
    ['/sources/none', 404, 'RequestErrorEnvelope'],
  ])('answers %s by %s, in the form of %s', async (path, status, model) => {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(await check(model, answer.body)).toEqual([]);
  });

  it('refuses a wrong token, and too many requests, in the form of RequestErrorEnvelope', async () => {
    const refused = await ask('/', 'wrong');
    expect(refused.status).toBe(401);
    expect(await check('RequestErrorEnvelope', refused.body)).toEqual([]);
    expect(await check('RequestErrorEnvelope', tooManyRequests(1000).body)).toEqual([]);
  });

  it('tells an answer that is not of its form', async () => {
    const wrong = { data: { source: { id: 1, surplus: true }, trackingPlanId: null } };
    expect(await check('GetSource200Response', wrong)).toEqual(
      expect.arrayContaining([
        'GetSource200Response.data.source.surplus is no field of SourceV1',
        'GetSource200Response.data.source.id is no string',
        'GetSource200Response.data.source.writeKeys is missing',
      ]),
    );
  });

  it('understands what that client asks, and is understood', async () => {
    const file = join(sdk ?? '', 'ask.cjs');
    await writeFile(file, PROGRAM);
    const said = JSON.parse(await runProgram(process.execPath, [file, server.url, TOKEN])) as unknown;
    expect(said).toEqual({
      workspace: 'acme',
      slugs: ['users', 'events'],
      writeKeys: ['K'.repeat(32)],
      received: 9998,
      failed: [['id_not_string', 2]],
    });
  });
});

const PROGRAM = `
const { DeliveryOverviewApi, SourcesApi, WorkspacesApi } = require('@segment/public-api-sdk-typescript');
const [url, token] = process.argv.slice(2);
const open = (Api) => Object.assign(new Api(url), { accessToken: token });
(async () => {
  const sources = open(SourcesApi);
  const slugs = [];
  for (let cursor; ; ) {
    const { body } = await sources.listSources({ count: 1, ...(cursor && { cursor }) });
    slugs.push(...body.data.sources.map(({ slug }) => slug));
    cursor = body.data.pagination.next;
    if (!cursor) break;
  }
  const span = ['one', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z', 'minute', { count: 10 }];
  const overview = open(DeliveryOverviewApi);
  const received = await overview.getIngressSuccessMetricsFromDeliveryOverview(...span);
  const failed = await overview.getIngressFailedMetricsFromDeliveryOverview(...span, ['discardReason']);
  console.log(JSON.stringify({
    workspace: (await open(WorkspacesApi).getWorkspace()).body.data.workspace.slug,
    slugs,
    writeKeys: (await sources.getSource('one')).body.data.source.writeKeys,
    received: received.body.data.total,
    failed: failed.body.data.dataset.map(({ discardReason, total }) => [discardReason, total]),
  }));
})();
`;
