import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cancelRequested } from '../support/cancel-requested.ts';
import { openCommandLine, type CommandLine } from '../support/command-line.ts';
import { holdAnswers } from '../support/hold-answers.ts';
import { ways } from '../support/ways.ts';

describe.each(ways)('%s', (through) => {
  let line: CommandLine;
  beforeAll(async () => {
    line = await openCommandLine({ through });
    await line.here.startWorker();
  });
  afterAll(() => line.close());
  beforeEach(() => line.reset());

  describe('steering a run', () => {
    it('--detach, pause, resume, cancel', async () => {
      await line.write(line.definitions('steered'));
      await line.run('apply', '--yes');
      const { asked, letGo } = holdAnswers(line.here.receiver);
      const { id } = (await line.run('run', 'steered', '--detach', '--json')).json() as { id: string };
      await asked;
      expect((await line.run('pause', id, '--json')).json()).toMatchObject({ id, status: 'paused' });
      expect((await line.run('resume', id, '--json')).json()).toMatchObject({ id, status: 'working' });
      const cancelling = line.run('cancel', id, '--json');
      await cancelRequested(line.here, 'steered');
      letGo();
      expect((await cancelling).json()).toMatchObject({
        id,
        status: 'cancelled',
        messages: { accepted: 50 },
      });
      expect(await line.run('pause', id)).toMatchObject({
        code: 2,
        err: expect.stringContaining('run_ended'),
      });
    });

    it('the same idempotency key gives the same run', async () => {
      await line.write(line.definitions('keyed'));
      await line.run('apply', '--yes');
      const once = (await line.run('run', 'keyed', '--idempotency-key', 'k', '--json')).json() as {
        id: string;
      };
      const again = (await line.run('run', 'keyed', '--idempotency-key', 'k', '--json')).json() as {
        id: string;
      };
      expect(again.id).toBe(once.id);
      expect(await line.run('run', 'keyed', '--idempotency-key', 'k', '--full')).toMatchObject({
        code: 2,
        err: expect.stringContaining('idempotency_conflict'),
      });
    });
  });
});
