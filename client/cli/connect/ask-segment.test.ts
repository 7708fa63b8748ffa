import { describe, expect, it } from '@jest/globals';
import { colorsFor, type CliIo } from '../io.ts';
import { askSegment } from './ask-segment.ts';
import { giveSet, type GivenFields } from './given-fields.ts';

const users = { id: 'id-users', slug: 'users', name: 'Users', enabled: true, readable: true, server: true };

/** Pipes a token in; `asked` counts how often Segment is asked. */
async function connect(settings: string[], source: string[] = []) {
  let asked = 0;
  const io: CliIo = {
    env: {},
    cwd: '/',
    out: () => undefined,
    err: () => undefined,
    isTerminal: false,
    confirm: () => Promise.resolve(undefined),
    ask: null,
    readStdin: () => Promise.resolve('sgp_planted\n'),
    interrupted: new AbortController().signal,
    colors: colorsFor(false, {}),
  };
  const given: GivenFields = { fields: {}, secrets: {} };
  giveSet(given, 'segment', settings);
  const connected = askSegment(io, 'segment', given, { tokenStdin: true, source }, () => {
    asked += 1;
    return Promise.resolve({
      kind: 'token',
      region: 'us',
      workspace: { slug: 'acme', name: 'Acme' },
      sources: [users],
    });
  });
  const result = await connected.catch((error: unknown) => error);
  return { result, asked };
}

describe('connect segment', () => {
  it('makes one connection of a source, however often it is named', async () => {
    expect((await connect([], ['users', 'id-users', 'users'])).result).toMatchObject({
      segment: { definition: { source: 'users', region: 'us' }, secrets: { token: 'sgp_planted' } },
    });
  });

  it('names the slug that was probably meant', async () => {
    expect((await connect([], ['user'])).result).toMatchObject({
      code: 'segment_source_unknown',
      action: expect.stringContaining('Did you mean "users"?'),
    });
  });

  it.each([
    ['publicApiUrl=nonsense', 'definitions_invalid'],
    ['publicApiUrl=${URL}', 'usage'],
    ['settingsUrl=ftp://example.com', 'definitions_invalid'],
    ['region=mars', 'definitions_invalid'],
    ['evnetsPerSecond=5', 'definitions_invalid'],
    ['source=users', 'usage'],
    ['token=${TOKEN}', 'usage'],
  ])('says what is wrong with --set %s before anything is asked or sent', async (setting, code) => {
    expect(await connect([setting])).toMatchObject({ result: { code }, asked: 0 });
  });

  it('says when the region is not that of the workspace', async () => {
    expect((await connect(['region=eu'])).result).toMatchObject({
      code: 'segment_region_wrong',
      where: 'region is eu, the workspace is in us',
    });
  });
});
