import { z } from 'zod';
import { orReference, textField, webUrlField } from './fields.ts';

const webUrl = webUrlField('https://hooks.example.com/backhaul');

/** As https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md has it: 24 to 64 bytes. */
const SIGNING_SECRET =
  /^whsec_(?=[A-Za-z0-9+/]{32,88}={0,2}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const written = z.strictObject({
  type: z.literal('webhook'),
  url: orReference(webUrl),
  /** Signs every message, so that its receiver can tell who it is from. */
  signingSecret: textField('${WEBHOOK_SIGNING_SECRET}'),
  /** The header of that name, for a receiver that asks for one. */
  authorization: textField('${WEBHOOK_AUTHORIZATION}').optional(),
});

const resolved = z.strictObject({
  type: z.literal('webhook'),
  url: webUrl,
  signingSecret: z
    .string()
    .regex(SIGNING_SECRET, { error: 'is not a signing secret' })
    .describe('whsec_ and the base64 of 24 to 64 bytes: whsec_$(openssl rand -base64 32)'),
  authorization: z.string().optional(),
});
export type ResolvedWebhookConnection = z.output<typeof resolved>;

export const webhookConnection = { written, resolved, models: [] } as const;
