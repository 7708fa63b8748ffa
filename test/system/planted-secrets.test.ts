import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { historiesOf } from '../support/history-text.ts';
import { journey } from '../support/planted-journey.ts';
import {
  openPlantedInstallation,
  secrets,
  values,
  type PlantedInstallation,
  type Said,
} from '../support/planted-installation.ts';

let planted: PlantedInstallation;
let metrics: string;
const logs: string[] = [];
beforeAll(async () => {
  planted = await openPlantedInstallation();
  const { worker } = planted;
  await journey(planted);
  metrics = await planted.metrics();
  logs.push(worker.log(), planted.worker.log(), planted.serve.log());
}, 600_000);
afterAll(() => planted.close());

const leaks = (said: readonly Said[]): string[] =>
  said.flatMap(({ holdsRows, text, where }) =>
    [...secrets.foundIn(text), ...(holdsRows === true ? [] : values.foundIn(text))].map(
      (found) => `${where}: ${found}`,
    ),
  );

it('the logs of worker and API, at debug, hold no secret and no value of a row', () => {
  expect(logs.map(({ length }) => length > 1000)).not.toContain(false);
  expect(leaks(logs.map((text) => ({ where: 'log', text })))).toEqual([]);
});

it('no command prints a secret, and only those that are asked for rows print values', () => {
  expect(leaks(planted.printed)).toEqual([]);
});

it('no answer of the API holds a secret, and only those to who may see rows hold values', () => {
  expect(leaks(planted.answered)).toEqual([]);
  expect(planted.answered.filter(({ where }) => where.endsWith(': 500'))).toEqual([]);
});

it("Temporal's histories and visibility hold no secret and no value of a row", async () => {
  const histories = await historiesOf(planted.here.temporal, String(planted.here.env.BACKHAUL_INSTALLATION));
  expect(histories.size).toBeGreaterThan(10);
  expect([...histories.values()].join()).toContain('source_query_failed');
  expect(leaks([...histories].map(([where, text]) => ({ where, text })))).toEqual([]);
});

it('metrics, spans and exported logs hold no secret and no value of a row', () => {
  expect(metrics).toContain('backhaul_');
  expect(planted.otlp.everything()).toContain('Segment POST');
  expect(leaks([{ where: 'metrics', text: metrics }])).toEqual([]);
  expect(leaks([{ where: 'OTLP', text: planted.otlp.everything() }])).toEqual([]);
});

it('the ledger holds no secret in plain text, and values only as keys of faults and of chosen rows', async () => {
  const tables = await planted.here.ledger.query(
    "select table_name as name from information_schema.tables where table_schema = 'backhaul'",
  );
  const mayHoldKeys = ['fault_samples', 'selections'];
  const kept = [];
  for (const { name } of tables as { name: string }[]) {
    const rows = await planted.here.ledger.query(`select t::text as row from backhaul.${name} t`);
    kept.push({ where: name, text: JSON.stringify(rows), holdsRows: mayHoldKeys.includes(name) });
  }
  expect(kept.length).toBeGreaterThan(15);
  expect(leaks(kept)).toEqual([]);
});
