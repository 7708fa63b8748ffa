import { delimiter } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { installDbt } from '../standins/dbt.ts';
import { startOrSkip } from '../standins/start-or-skip.ts';
import { dbtEnvironment, fillForDbt } from '../support/dbt-warehouse.ts';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { openReadersFolder, readAlong, type ReadersFolder } from '../support/read-along.ts';

// Python, three times, on a machine that may be slow and busy.
jest.setTimeout(300_000);

const PAGE = 'docs/recipes/dbt.md';
const CHANGE = /^psql -c "(.+)"$/m;
const dbt = await startOrSkip(PAGE, installDbt);

let here: TestInstallation;
let desk: ReadersFolder;
beforeAll(async () => {
  [here, desk] = [await openInstallation(), await openReadersFolder()];
  await here.startWorker();
  await fillForDbt(here.warehouse);
});
afterAll(async () => {
  await here.close();
  await desk.close();
});

(dbt === null ? test.skip : test)(
  'docs/recipes/dbt.md: dbt builds the table and Backhaul carries it, but not when a test of dbt fails',
  async () => {
    const { notRun } = await readAlong(PAGE, {
      folder: desk.folder,
      env: {
        ...here.env,
        ...dbtEnvironment(here.warehouse, desk.folder),
        PATH: [dbt, process.env.PATH].join(delimiter),
      },
      puts: [["'${SEGMENT_WRITE_KEY}' }", `'\${SEGMENT_WRITE_KEY}', trackingUrl: ${here.receiver.url} }`]],
      async instead({ text }) {
        await here.warehouse.query(CHANGE.exec(text)?.[1] ?? '');
      },
    });
    expect(notRun.size).toBe(1);
    // One run, of the build that was fine; the table holds what the test of dbt refused.
    expect(await here.backhaul.runs.list()).toMatchObject([
      { status: 'completed', messages: { accepted: 3 } },
    ]);
    expect(here.receiver.users().get('1')?.traits).toMatchObject({ plan: 'pro', logins_30d: 2 });
    expect(here.receiver.users().get('2')?.traits).toMatchObject({ plan: 'free', logins_30d: 0 });
    expect(await here.warehouse.query("select plan from analytics.active_users where user_id = '2'")).toEqual(
      [{ plan: 'gold' }],
    );
  },
);
