import { expect, it } from '@jest/globals';
import { slackText } from './slack-text.ts';

it('shows signs that Slack would take for markup as they are', () => {
  const data = { installation: 'default', connection: 'chat', message: 'a < b & <!channel>' };
  expect(slackText({ type: 'test', timestamp: '', data })).toBe('👋 a &lt; b &amp; &lt;!channel&gt;');
});

it('links to the run where the Temporal UI is known', () => {
  const data = {
    ...{
      installation: 'default',
      alert: 'oncall',
      sync: 'users',
      condition: 'failed',
      message: 'run 1 failed',
    },
    since: '',
    run: { temporal: { url: 'https://ui/run' } },
  };
  expect(slackText({ type: 'alert.raised', timestamp: '', data } as never)).toBe(
    '🔴 *users* run 1 failed (oncall) · <https://ui/run|Temporal>',
  );
});
