import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { logOptions } from './log-options.ts';
import { asText } from './text-lines.ts';

function logged(write: (log: pino.Logger) => void): string {
  let said = '';
  write(
    pino(logOptions({ installation: 'default', logLevel: 'debug' }, 'worker'), {
      write: (line: string) => void (said += line),
    }),
  );
  return said;
}

describe('a line of the log', () => {
  it('is JSON with run and sync, when and how bad', () => {
    const line = JSON.parse(logged((log) => log.info({ run: 'r', sync: 'users' }, 'run started'))) as object;
    expect(line).toMatchObject({
      level: 'info',
      message: 'run started',
      process: 'worker',
      run: 'r',
      sync: 'users',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  it('shows of a foreign error its class, code and place, under whatever name it comes', () => {
    const foreign = Object.assign(new TypeError('ada@example.com is taken'), { code: '23505' });
    const said = logged((log) => {
      log.error(foreign);
      log.warn({ error: foreign }, 'one');
      log.warn({ cause: foreign }, 'another');
      log.error({ err: foreign }, foreign.message);
    });
    expect(said).not.toContain('ada');
    expect(said.match(/"type":"TypeError 23505"/g)).toHaveLength(4);
    expect(said).toContain('log-options.test');
  });

  it("shows code and message of Backhaul's and Temporal's errors, which hold no value", () => {
    const said = logged((log) => {
      log.warn({ error: new BackhaulError('ledger_unreachable', 'ECONNREFUSED') }, 'one');
      log.warn({ error: ApplicationFailure.create({ type: 'empty_result', message: 'no rows' }) }, 'two');
    });
    expect(said).toContain('"type":"ledger_unreachable"');
    expect(said).toContain('"type":"empty_result","message":"no rows"');
  });

  it('shows no secret that somebody hands it by mistake, and of a request the route', () => {
    const secret = 'planted-secret';
    const said = logged((log) =>
      log.info(
        {
          password: secret,
          connection: { writeKey: secret, token: secret, databaseUrl: secret },
          req: {
            method: 'GET',
            url: `/v1/syncs/users/history?key=${secret}`,
            headers: { authorization: secret },
            routeOptions: { url: '/v1/syncs/:sync/history' },
          },
        },
        'asked',
      ),
    );
    expect(said).not.toContain(secret);
    expect(said).toContain('/v1/syncs/:sync/history');
  });

  it('is readable as text', () => {
    const text = asText(logged((log) => log.warn({ run: 'r', code: 'empty_result' }, 'step failed')));
    expect(text).toMatch(/^\d{4}\S+Z WARN {2}step failed run=r code=empty_result$/);
  });
});
