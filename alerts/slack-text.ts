import type { ChannelMessage } from '../vocabulary/channel-message.ts';

/** What begins the line: it is read at a glance. */
const signs = {
  'alert.raised': '🔴',
  'alert.recovered': '🟢',
  'run.full_sync': '🔁',
  'run.finished': '✅',
  test: '👋',
} as const satisfies Record<ChannelMessage['type'], string>;

/** A message as one line of Slack's mrkdwn: https://docs.slack.dev/messaging/formatting-message-text */
export function slackText({ data, type }: ChannelMessage): string {
  if (!('sync' in data)) return `${signs.test} ${escaped(data.message)}`;
  const { alert, installation, message, run, sync } = data;
  const sign = type === 'run.finished' && run?.status !== 'completed' ? '⚪' : signs[type];
  const url = run?.temporal.url ?? null;
  const where = [alert, ...(installation === 'default' ? [] : [installation])].join(', ');
  const link = url === null ? '' : ` · <${url}|Temporal>`;
  return `${sign} *${escaped(sync)}* ${escaped(message)} (${escaped(where)})${link}`;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
