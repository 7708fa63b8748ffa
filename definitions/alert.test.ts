import { describe, expect, it } from '@jest/globals';
import { parseDefinitions } from './parse.ts';

const base = `version: 1
connections:
  warehouse: { type: postgres, url: "\${WAREHOUSE_URL}" }
  segment: { type: segment, writeKey: "\${SEGMENT_WRITE_KEY}" }
  hook: { type: webhook, url: https://example.com, signingSecret: "\${HOOK_SECRET}" }
  chat: { type: slack, webhookUrl: "\${CHAT_URL}" }
models:
  people: { connection: warehouse, table: people }
syncs:
  users: { model: people, destination: segment, key: { from: id, to: userId }, properties: all }
`;
const parsed = (alert: string) =>
  parseDefinitions([{ path: 'a.yaml', text: `${base}alerts:\n  oncall: ${alert}\n` }]);

describe('an alert', () => {
  it('may name channels, syncs and every condition', () => {
    const { definitions, faults } = parsed(
      '{ to: [hook, chat], syncs: [users], when: { failed: true, invalid: 5%, rejected: 3, runtime: 2h, rows: 150%, silence: 26h, approval: true, fullSync: true, finished: true } }',
    );
    expect(faults).toEqual([]);
    expect(definitions.alerts.oncall).toMatchObject({ to: ['hook', 'chat'], recovered: true });
  });

  it.each([
    ['{ to: [hook], when: {} }', 'alerts.oncall.when', 'has no condition'],
    ['{ to: [hook], when: { failed: false } }', 'alerts.oncall.when', 'has no condition'],
    ['{ to: [], when: { failed: true } }', 'alerts.oncall.to', '"to" is out of range'],
    [
      '{ to: [segment], when: { failed: true } }',
      'alerts.oncall.to[0]',
      'is no webhook and no slack: "segment"',
    ],
    ['{ to: [hok], when: { failed: true } }', 'alerts.oncall.to[0]', 'does not exist: "hok"'],
    [
      '{ to: [hook], syncs: [user], when: { failed: true } }',
      'alerts.oncall.syncs[0]',
      'does not exist: "user"',
    ],
    ['{ to: [hook], when: { rows: 0.5 } }', 'alerts.oncall.when.rows', '"rows" is a number, not text'],
    ['{ to: [hook], when: { silence: 1 } }', 'alerts.oncall.when.silence', '"silence" is a number, not text'],
    ['{ to: [hook], when: { fialed: true } }', 'alerts.oncall.when.fialed', 'is not a field of "when"'],
    ['{ to: ["${HOOK}"], when: { failed: true } }', 'alerts.oncall.to.0', 'only fields of connections may'],
  ])('as %s has a fault at its place', (alert, path, message) => {
    const { faults } = parsed(alert);
    expect(faults).toContainEqual(
      expect.objectContaining({
        path: expect.stringContaining(path.replace('.0', '')),
        message: expect.stringContaining(message),
      }),
    );
  });
});

it('a channel is no warehouse and no destination', () => {
  const { faults } = parseDefinitions([
    {
      path: 'a.yaml',
      text: `${base.replace('connection: warehouse', 'connection: hook').replace('destination: segment', 'destination: chat')}`,
    },
  ]);
  expect(faults.map(({ message }) => message)).toEqual([
    expect.stringContaining('has a connection that is no warehouse: "hook"'),
    expect.stringContaining('has a destination that is no segment connection: "chat"'),
  ]);
});

it('the secrets of channels are known as such', () => {
  const { warnings } = parseDefinitions([
    {
      path: 'a.yaml',
      text: 'version: 1\nconnections:\n  chat: { type: slack, webhookUrl: https://hooks.slack.com/services/x }\n',
    },
  ]);
  expect(warnings).toMatchObject([{ code: 'literal_secret', path: 'connections.chat.webhookUrl' }]);
});
