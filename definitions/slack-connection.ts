import { z } from 'zod';
import { textField, webUrlField } from './fields.ts';

/** Its address is what proves that one may post there: a secret as a whole. */
const written = z.strictObject({
  type: z.literal('slack'),
  webhookUrl: textField('${SLACK_WEBHOOK_URL}'),
});

const resolved = z.strictObject({
  type: z.literal('slack'),
  webhookUrl: webUrlField('https://hooks.slack.com/services/…'),
});
export type ResolvedSlackConnection = z.output<typeof resolved>;

export const slackConnection = { written, resolved, models: [] } as const;
