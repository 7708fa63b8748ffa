import { describe, expect, it } from '@jest/globals';
import type { ConnectionType } from '../../../definitions/connection.ts';
import { refuseSenseless, type ConnectOptions } from './connect-options.ts';

const refuse = (type: ConnectionType, options: Partial<ConnectOptions>) => (): void =>
  refuseSenseless(type, { set: [], source: [], check: true, ...options });

describe('options of connect', () => {
  it.each<[ConnectionType, Partial<ConnectOptions>, string]>([
    ['segment', { tokenStdin: true, writeKeyStdin: true }, 'only one can be piped in'],
    ['segment', { tokenStdin: true, secretStdin: 'token' }, 'only one can be piped in'],
    ['segment', { secretStdin: 'token' }, '--token-stdin'],
    ['postgres', { tokenStdin: true }, 'are for segment'],
    ['postgres', { source: ['users'] }, 'are for segment'],
    ['segment', { json: true, yaml: true }, 'one or the other'],
  ])('of %s that would be ignored are refused: %j', (type, options, where) => {
    expect(refuse(type, options)).toThrow(
      expect.objectContaining({ code: 'usage', where: expect.stringContaining(where) }),
    );
  });

  it.each<[ConnectionType, Partial<ConnectOptions>]>([
    ['segment', { tokenStdin: true, source: ['users'], json: true }],
    ['postgres', { secretStdin: 'url', yaml: true }],
  ])('of %s are taken: %j', (type, options) => {
    expect(refuse(type, options)).not.toThrow();
  });
});
