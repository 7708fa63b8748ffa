import { createHash } from 'node:crypto';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openInstallation, type TestInstallation } from '../support/installation.ts';
import { readPage, root } from '../support/pages.ts';
import { openReadersFolder, readAlong, type ReadersFolder } from '../support/read-along.ts';

const EXAMPLES = ['product-usage', 'organisation', 'classification'];
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let here: TestInstallation;
let desk: ReadersFolder;
beforeAll(async () => {
  [here, desk] = [await openInstallation(), await openReadersFolder()];
  await here.startWorker();
  await here.warehouse.query(readPage('examples/sample-warehouse.sql'));
  await cp(join(root, 'examples'), join(desk.folder, 'examples'), { recursive: true });
  for (const example of EXAMPLES) {
    const path = join(desk.folder, 'examples', example, 'backhaul.yaml');
    const definitions = await readFile(path, 'utf8');
    await writeFile(
      path,
      definitions.replace(/^ {4}type: segment$/m, `$&\n    trackingUrl: ${here.receiver.url}`),
    );
  }
});
afterAll(async () => {
  await here.close();
  await desk.close();
});

test('examples/README.md: every example is valid, runs, and sends what it says', async () => {
  await readAlong('examples/README.md', { folder: desk.folder, env: here.env });
  const users = here.receiver.users();
  expect([...users.keys()].sort()).toEqual(['101', '102', '103', '104', '105']);
  // Everything that the three of them say of one user adds up.
  expect(users.get('101')?.traits).toEqual({
    email: 'ada@acme.example',
    createdAt: '2025-01-10T09:00:00Z',
    logins_30d: 30,
    exports_30d: 10,
    active_days_30d: 30,
    active_days_trend: 0,
    has_exported_a_report: true,
    last_active_on: '2025-06-30',
    role: 'owner',
    company: {
      id: '1',
      name: 'Acme',
      industry: 'Manufacturing',
      employee_count: 1200,
      plan: 'enterprise',
      monthlyRevenue: 6125,
      seatsUsedPercent: 1.2,
    },
    classification: { class: 'champion', probability: 0.93, model: 'v2', summary: 'Ada Byron is champion' },
    emailSha256: sha256('ada@acme.example'),
  });
});

test('an example sends what it is there for', () => {
  const traitsOf = (user: string): Record<string, unknown> => here.receiver.users().get(user)?.traits ?? {};
  // Usage: who is gone, and who was never there.
  expect(traitsOf('103')).toMatchObject({
    active_days_30d: 0,
    active_days_trend: -10,
    last_active_on: '2025-05-20',
  });
  expect(traitsOf('105')).toMatchObject({
    logins_30d: 0,
    has_exported_a_report: false,
    last_active_on: null,
  });
  // Organisation: of two the one that she owns; a plan that has ended; nobody's.
  expect(traitsOf('103')).toMatchObject({
    role: 'owner',
    company: { name: 'Bright Labs', plan: 'team', monthlyRevenue: 240 },
  });
  expect(traitsOf('104')).toMatchObject({
    company: { name: 'Corner Shop', plan: 'none', monthlyRevenue: null },
  });
  expect(traitsOf('105')).toMatchObject({ role: null, company: { id: null, plan: null } });
  // Classification: the newest word, no guess, and nothing of whom the model does not know.
  expect(traitsOf('104')).toMatchObject({
    classification: { class: null, probability: 0.34, summary: 'Alan Turing is not classified' },
  });
  expect(traitsOf('105')).not.toHaveProperty('classification');
  const ofClassification = here.receiver
    .events()
    .filter(({ integrations }) => Object.hasOwn(integrations ?? {}, 'Salesforce'));
  expect(ofClassification).toHaveLength(4);
  expect(ofClassification[0]).toMatchObject({
    timestamp: '2025-06-30T03:00:00Z',
    integrations: { All: true, Salesforce: true },
  });
});
