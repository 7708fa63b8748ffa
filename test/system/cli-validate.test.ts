import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { backhaul, type CommandResult } from '../support/cli.ts';

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'backhaul-cli-'));
});
afterEach(() => rm(cwd, { recursive: true }));

/** Offline: nothing is there that it could reach. */
const validate = (...args: string[]): Promise<CommandResult> =>
  backhaul(['validate', ...args], { env: { PATH: process.env.PATH }, cwd });
const write = (text: string): Promise<void> => writeFile(join(cwd, 'backhaul.yaml'), text);

describe('faults of definitions', () => {
  it('are reported all at once, each at its line and column, with what to write instead', async () => {
    await write(`version: 1
connections:
  warehouse: { type: postgres, url: "\${WAREHOUSE_URL}", pasword: x }
  segment: { type: segment, writeKey: "\${SEGMENT_WRITE_KEY}", region: moon }
models:
  people: { connection: warehous, sql: select 1 }
syncs:
  people:
    model: poeple
    destination: segment
    key: { from: id, to: email }
    schedule: { cron: "every monday" }
`);
    const { code, err } = await validate();
    expect(code).toBe(3);
    for (const fault of [
      /^backhaul\.yaml:3:57: .*pasword.*password/m,
      /^backhaul\.yaml:4:71: .*region.*us, eu/m,
      /^backhaul\.yaml:6:25: .*warehous.*warehouse/m,
      /^backhaul\.yaml:9:12: .*poeple.*people/m,
      /^backhaul\.yaml:11:26: .*email.*userId/m,
      /^backhaul\.yaml:12:23: .*every monday/m,
    ]) {
      expect(err).toMatch(fault);
    }
  });

  it('also of a file that is no YAML', async () => {
    await write('version: 1\nsyncs: [\n');
    expect(await validate()).toMatchObject({
      code: 3,
      err: expect.stringMatching(/^backhaul\.yaml:\d+:\d+: /m),
    });
  });

  it('as one JSON document on stdout', async () => {
    await write('version: 2');
    const { code, json } = await validate('--json');
    expect(code).toBe(3);
    expect(json()).toMatchObject({ faults: [{ line: 1, column: 10 }] });
  });

  it('and a file that is not there', async () => {
    expect(await validate()).toMatchObject({
      code: 3,
      err: expect.stringContaining('definitions_not_found'),
    });
    expect(await validate('nowhere.yaml')).toMatchObject({
      code: 3,
      err: expect.stringContaining('nowhere.yaml'),
    });
  });
});
