import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { openCommandLine, type CommandLine } from '../support/command-line.ts';
import { ways } from '../support/ways.ts';

describe.each(ways)('%s', (through) => {
  let line: CommandLine;
  beforeAll(async () => {
    line = await openCommandLine({ through });
    await line.here.startWorker();
  });
  afterAll(() => line.close());
  beforeEach(() => line.reset());

  describe('from a file to Segment', () => {
    it('validate, apply, check, preview, run, runs, describe, rows', async () => {
      await line.write(line.definitions());
      expect(await line.run('validate')).toMatchObject({
        code: 0,
        out: expect.stringContaining('valid: 2 connections, 1 model, 1 sync'),
      });

      const shown = await line.run('apply', '--dry-run');
      expect(shown.code).toBe(0);
      expect(shown.out + shown.err).toMatch(/sync\/people|sync people/);
      expect((await line.run('list', 'syncs', '--json')).json()).toEqual([]);

      expect(await line.run('apply')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
      expect(await line.run('apply', '--yes')).toMatchObject({ code: 0 });
      expect((await line.run('list', 'syncs', '--json')).json()).toMatchObject([
        { name: 'people', model: 'people' },
      ]);
      expect(await line.run('apply', '--yes')).toMatchObject({
        code: 0,
        err: expect.stringContaining('othing'),
      });

      expect((await line.run('check', 'warehouse', 'segment', '--json')).json()).toMatchObject([
        { connection: 'warehouse', ok: true, warnings: [expect.stringContaining('superuser')] },
        { connection: 'segment', ok: true },
      ]);
      expect((await line.run('preview', 'people', '--limit', '2', '--json')).json()).toMatchObject({
        columns: [{ name: 'user_id' }, { name: 'name' }, { name: 'plan' }],
        rows: [expect.any(Array), expect.any(Array)],
      });

      const first = await line.run('run', 'people', '--json');
      expect(first).toMatchObject({ code: 0, err: expect.stringMatching(/^run [0-9a-f-]+ of people/) });
      const document = first.json() as { id: string };
      expect(document).toMatchObject({
        sync: 'people',
        status: 'completed',
        messages: { accepted: 50 },
        error: null,
      });
      expect(line.here.receiver.users().get('7')?.traits).toEqual({ name: 'name 7', plan: 'pro' });

      const second = await line.run('run', 'people');
      expect(second).toMatchObject({ code: 0, out: expect.stringContaining('50 unchanged') });
      expect((await line.run('runs', 'people', '--json')).json()).toHaveLength(2);
      expect((await line.run('describe', document.id, '--json')).json()).toMatchObject({
        id: document.id,
        invalid: {},
        rejected: {},
      });
      expect(
        (await line.run('rows', document.id, '--outcome', 'accepted', '--payload', '--json')).json(),
      ).toHaveLength(50);
    });

    it('apply changes, and removes nothing unless it is told to prune', async () => {
      await line.write(line.definitions('pruned'));
      await line.run('apply', '--yes');
      await line.write(line.definitions('kept'));
      await line.run('apply', '--yes');
      const names = async (): Promise<string[]> =>
        ((await line.run('list', 'syncs', '--json')).json() as { name: string }[]).map(({ name }) => name);
      expect(await names()).toEqual(expect.arrayContaining(['kept', 'pruned']));
      const pruning = await line.run('apply', '--prune', '--yes');
      expect(pruning).toMatchObject({ code: 0 });
      expect(pruning.err + pruning.out).toContain('pruned');
      expect(await names()).toEqual(['kept']);
      const exported = await line.run('export');
      expect(exported.out).toContain('${SEGMENT_WRITE_KEY}');
      await line.write(exported.out);
      expect(await line.run('validate')).toMatchObject({ code: 0 });
      expect(await line.run('apply', '--yes')).toMatchObject({ err: expect.stringContaining('othing') });
    });

    it('reads a folder of files, and SQL beside them', async () => {
      await mkdir(join(line.cwd, 'backhaul', 'sql'), { recursive: true });
      const [connections = '', rest = ''] = line.definitions('folder').split('models:');
      await line.write(connections, 'backhaul/connections.yaml');
      await line.write(
        `version: 1\nmodels:${rest.replace('sql: select', 'sqlFile: sql/people.sql #')}`,
        'backhaul/folder.yaml',
      );
      await line.write('select id as user_id, name from people', 'backhaul/sql/people.sql');
      expect(await line.run('apply', '--yes')).toMatchObject({ code: 0 });
      expect((await line.run('run', 'folder', '--json')).json()).toMatchObject({ status: 'completed' });
    });
  });
});
