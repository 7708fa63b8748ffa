import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { writeKeyDigest } from '../../segment/write-key-digest.ts';
import { startPublicApi, tooManyRequests } from '../standins/segment-public-api/public-api-server.ts';
import { backhaul, type CommandResult } from '../support/cli.ts';
import type { Run } from '../../vocabulary/run.ts';
import { until } from '../support/until.ts';
import { openInstallation, WRITE_KEY, type TestInstallation } from '../support/installation.ts';
import { ways } from '../support/ways.ts';

const TOKEN = 'sgp_planted-token';
const workspace = {
  slug: 'acme',
  tokens: [{ token: TOKEN, admin: ['id-users', 'id-off'] }],
  sources: [
    { id: 'id-users', slug: 'users', writeKeys: [WRITE_KEY] },
    { id: 'id-web', slug: 'website', writeKeys: ['W'.repeat(32)] },
    { id: 'id-off', slug: 'off', enabled: false, writeKeys: ['O'.repeat(32)] },
  ],
};
const publicApi = await startPublicApi(workspace);
afterAll(() => publicApi.close());

describe.each(ways)('%s', (through) => {
  let here: TestInstallation;
  const byToken = (fields: object = {}) => ({
    type: 'segment',
    token: '${SEGMENT_TOKEN}',
    source: 'users',
    publicApiUrl: publicApi.url,
    trackingUrl: here.receiver.url,
    eventsPerSecond: 100_000,
    ...fields,
  });
  beforeAll(async () => {
    here = await openInstallation({
      through,
      receiver: { writeKeys: [WRITE_KEY] },
      env: { SEGMENT_TOKEN: TOKEN, BACKHAUL_ALLOWED_ENDPOINTS: publicApi.url },
    });
    await here.startWorker();
    await here.warehouse.query(
      "create table people as select g as id, 'name' as name from generate_series(1, 5) g",
    );
  });
  afterAll(() => here.close());
  beforeEach(() => {
    publicApi.workspace = workspace;
    publicApi.respond(null);
    here.receiver.reset();
  });

  const run = (...args: string[]): Promise<CommandResult> => backhaul(args, { env: here.commandEnv });

  describe('a Segment connection by token', () => {
    it('runs with the write key that the token reads, and keeps neither of them', async () => {
      await here.define({ connections: { segment: byToken() } });
      await here.define({
        connections: { segment: byToken() },
        models: { people: { connection: 'warehouse', sql: 'select id as user_id, name from people' } },
        syncs: {
          people: {
            model: 'people',
            destination: 'segment',
            key: { from: 'user_id', to: 'userId' },
            properties: 'all',
          },
        },
      });
      expect(await here.run('people')).toMatchObject({ status: 'completed', messages: { accepted: 5 } });
      expect(here.receiver.users().size).toBe(5);
      const states = await here.ledger.query(
        "select identity ->> 'writeKeyDigest' as digest from backhaul.states",
      );
      expect(states).toEqual([{ digest: writeKeyDigest(WRITE_KEY) }]);
    });

    it('check says what the token may', async () => {
      await here.define({ connections: { by_token: byToken() } });
      const { code, out, err } = await run('check', 'by_token');
      expect({ code, out: out.trim() }).toEqual({ code: 0, out: 'by_token: ok' });
      expect(err).toContain('the token opens the workspace acme (us)');
      expect(err).toContain(
        'may read the write key of the source users (Source Admin), and of 2 of the 3 sources',
      );
      expect(out + err).not.toContain(TOKEN);
      expect(out + err).not.toContain(WRITE_KEY);
    });

    it.each<[string, object, string, RegExp]>([
      ['without permission', { source: 'website' }, 'segment_token_permission', /Source Admin/],
      ['of an unknown source', { source: 'user' }, 'segment_source_unknown', /Did you mean "users"/],
      ['of a source that is disabled', { source: 'off' }, 'segment_source_disabled', /Enable it/],
      [
        'to a host that is not allowed',
        { publicApiUrl: 'https://example.com' },
        'source_endpoint_refused',
        /operator/,
      ],
    ])('check of a token %s', async (_, fields, code, action) => {
      await here.define({ connections: { by_token: byToken(fields) } });
      expect((await run('check', 'by_token', '--json')).json()).toMatchObject([
        { ok: false, error: { code, action: expect.stringMatching(action) } },
      ]);
    });

    it('check of a token that is wrong, and of one that must wait', async () => {
      await here.define({ connections: { by_token: byToken() } });
      publicApi.workspace = { ...workspace, tokens: [] };
      expect((await run('check', 'by_token')).err).toContain('segment_token_refused');
      publicApi.respond(() => tooManyRequests(61_000));
      expect((await run('check', 'by_token')).err).toMatch(/segment_api_throttled.*wait 61 s/);
    });
  });

  describe('after a run by token', () => {
    const deliveryOf = async (sync: string): Promise<[Run, unknown]> => {
      const run = await here.run(sync, { full: true });
      return [run, await until(async () => (await here.backhaul.runs.get(run.id)).delivery ?? undefined)];
    };

    it('what Segment counted stands beside what was sent', async () => {
      await here.define({ connections: { segment: byToken() } });
      await here.sync('counted', 'select id as user_id, name from people');
      await here.define({ connections: { segment: byToken() } });
      publicApi.workspace = {
        ...workspace,
        deliveries: { 'id-users': { received: 3, failed: { id_not_string: 2 } } },
      };
      const [done, delivery] = await deliveryOf('counted');
      expect(delivery).toMatchObject({ received: 3, failed: { id_not_string: 2 } });
      expect((await run('describe', done.id)).out).toContain(
        'sent 5 · received 3 · failed 2 (id_not_string)',
      );
      const after = here.temporal.workflow.getHandle(`${here.env.BACKHAUL_INSTALLATION}/after/${done.id}`);
      expect((await after.describe()).type).toBe('afterRun');
      await after.result();
    });

    it('the run does not care when Segment tells nothing', async () => {
      publicApi.respond((path) =>
        path.startsWith('/delivery-overview') ? { status: 403, body: { errors: [] } } : undefined,
      );
      const run = await here.run('counted', { full: true });
      expect(run).toMatchObject({ status: 'completed', messages: { accepted: 5 } });
      const after = here.temporal.workflow.getHandle(`${here.env.BACKHAUL_INSTALLATION}/after/${run.id}`);
      await expect(after.result()).rejects.toMatchObject({
        cause: { cause: { type: 'segment_token_refused' } },
      });
      expect((await here.backhaul.runs.get(run.id)).delivery).toBeNull();
    });
  });

  describe('check --send-test', () => {
    it('sends one identify of a test user, and says where to see it', async () => {
      await here.define({ connections: { by_token: byToken() } });
      const { code, err } = await run('check', 'by_token', '--send-test');
      expect(code).toBe(0);
      expect(err).toContain('https://app.segment.com/acme/sources/users/debugger');
      const [event, ...more] = here.receiver.events();
      expect(more).toEqual([]);
      expect(event).toMatchObject({
        type: 'identify',
        userId: 'backhaul-test-user',
        integrations: { All: false },
        traits: { backhaulTest: expect.stringContaining('--send-test') },
      });
    });

    it('is for Segment alone', async () => {
      await here.define({});
      expect((await run('check', 'warehouse', '--send-test', '--json')).json()).toMatchObject([
        { ok: false, error: { code: 'usage' } },
      ]);
    });
  });
});
