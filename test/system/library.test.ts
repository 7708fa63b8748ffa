import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BackhaulError, type Run } from '../../client/index.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { ways } from '../support/ways.ts';

describe.each(ways)('the library, %s', (through) => {
  let here: TestInstallation;
  beforeAll(async () => {
    here = await openInstallation({ through });
    await here.startWorker();
    await here.warehouse.query(
      "create table people as select g::text as user_id, 'pro' as plan from generate_series(1, 50) g",
    );
    await here.sync('people', 'select user_id, plan from people');
  });
  afterAll(() => here.close());
  beforeEach(() => here.receiver.respond(null));

  it('follows a run from its start to its end, which is its result', async () => {
    const { asked, letGo } = holdAnswers(here.receiver);
    const handle = await here.backhaul.syncs.run('people', { full: true, idempotencyKey: 'nightly' });
    expect(handle).toMatchObject({ sync: 'people', how: 'started' });
    const seen: Run[] = [];
    for await (const run of handle.progress({ intervalMs: 10 })) {
      seen.push(run);
      if (run.status !== 'working') continue;
      await asked;
      letGo();
    }
    const result = await handle.result();
    expect(seen.length).toBeGreaterThan(1);
    expect(new Set(seen.map(({ id }) => id))).toEqual(new Set([handle.id]));
    expect(seen.at(-1)).toEqual(result);
    expect(result).toMatchObject({ id: handle.id, status: 'completed', messages: { accepted: 50 } });
    expect(await handle.get()).toEqual(result);
    expect((await here.backhaul.runs.handle(handle.id)).how).toBe('existing');

    const again = await here.backhaul.syncs.run('people', { full: true, idempotencyKey: 'nightly' });
    expect(await again.result()).toEqual(result);
  });

  it('goes along with a run of the same arguments, and any other start is recorded as skipped', async () => {
    const { asked, letGo } = holdAnswers(here.receiver);
    const handle = await here.backhaul.syncs.run('people', { full: true });
    await asked;
    expect(await here.backhaul.syncs.run('people', { full: true })).toMatchObject({
      id: handle.id,
      how: 'attached',
    });
    const other = await here.backhaul.syncs.run('people');
    expect([other.how, await other.result()]).toMatchObject([
      'skipped',
      { id: other.id, status: 'skipped', error: { code: 'run_in_progress' } },
    ]);
    const strict = await here.backhaul.syncs.run('people', { full: true, ifRunning: 'fail' });
    expect(strict.how).toBe('skipped');
    letGo();
    await handle.result();
  });

  it('lets go of a run that it follows: the run goes on, and the connection is closed', async () => {
    const { asked, letGo } = holdAnswers(here.receiver);
    const handle = await here.backhaul.syncs.run('people', { full: true });
    await asked;
    for await (const { status } of handle.progress()) if (status === 'working') break;
    letGo();
    expect(await handle.result()).toMatchObject({ status: 'completed' });
  });

  it('throws errors of the table, with what is meant and what to do', async () => {
    const error: unknown = await here.backhaul.syncs.run('nobody').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BackhaulError);
    expect((error as BackhaulError).view()).toEqual({
      code: 'sync_not_found',
      message: expect.stringContaining('nobody'),
      action: expect.stringContaining('backhaul list syncs'),
    });
    await expect(here.backhaul.runs.handle('nowhere')).rejects.toMatchObject({ code: 'run_not_found' });
    const rows = here.backhaul.runs.rows('00000000-0000-0000-0000-000000000000');
    await expect(rows.next()).rejects.toMatchObject({ code: 'run_not_found' });
  });
});
