import { expect, it } from '@jest/globals';
import { inWrittenOrder } from './in-written-order.ts';

it('a definition is shown with its fields as people write them, inner ones too', () => {
  const stored = {
    key: { to: 'userId', from: 'id' },
    lanes: 4,
    model: 'people',
    limits: { invalid: '100%', runtime: '12h' },
    mapping: [{ to: 'a', from: 'b' }],
    destination: 'segment',
    integrations: { Salesforce: true, All: true },
  };
  expect(JSON.stringify(inWrittenOrder('sync', stored))).toBe(
    JSON.stringify({
      model: 'people',
      destination: 'segment',
      key: { from: 'id', to: 'userId' },
      mapping: [{ from: 'b', to: 'a' }],
      integrations: { Salesforce: true, All: true },
      lanes: 4,
      limits: { runtime: '12h', invalid: '100%' },
    }),
  );
  expect(Object.keys(inWrittenOrder('connection', { url: 'u', type: 'postgres' }))).toEqual(['type', 'url']);
});
