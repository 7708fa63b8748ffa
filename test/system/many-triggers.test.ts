import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Account } from '../../bench/soak/account.ts';
import { loadPeople } from '../../bench/soak/people.ts';
import { soak } from '../../bench/soak/soak.ts';
import { openHttp } from '../../client/remote/http.ts';
import { startApi, type TestApi } from '../support/api.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';

const SYNCS = ['north', 'east', 'south', 'west'];
const TRIGGERS = 60;

describe('many triggers of few syncs, with and without keys, while rows change', () => {
  let here: TestInstallation;
  let api: TestApi;
  let account: Account;
  beforeAll(async () => {
    here = await openInstallation();
    await here.startWorker();
    api = await startApi(here);
    const people = await loadPeople(here.warehouse.query, SYNCS, 50);
    for (const sync of SYNCS) await here.sync(sync, people.modelOf(sync));
    const clients = [openHttp(api.url, await api.key('operator')), openHttp(api.url, await api.key('admin'))];
    account = await soak({
      syncs: SYNCS,
      triggers: TRIGGERS,
      perMinute: 360,
      clients,
      people,
      receiver: here.receiver,
      books: {
        ledger: here.ledger.query,
        temporal: here.temporal,
        installation: here.env.BACKHAUL_INSTALLATION ?? '',
      },
      patienceMs: 90_000,
    });
    await Promise.all(clients.map((client) => client.close()));
  }, 180_000);
  afterAll(async () => {
    await api.close();
    await here.close();
  });

  it('are each answered by a run, an attached run or a recorded skip', () => {
    const { answers, triggers } = account;
    expect(triggers).toBe(TRIGGERS + SYNCS.length);
    const hows = ['started', 'attached', 'existing', 'skipped'];
    expect(Object.keys(answers).filter((how) => !hows.includes(how))).toEqual([]);
    expect(Object.values(answers).reduce((sum, count) => sum + count, 0)).toBe(triggers);
    expect(answers.started).toBeGreaterThanOrEqual(SYNCS.length);
  });

  it('lose no row and no run, and start no key twice', () => {
    expect(account.faults).toEqual([]);
    expect(account.keys).toBeGreaterThan(SYNCS.length);
  });
});
