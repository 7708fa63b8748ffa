/**
 * What of the Public API's answers Backhaul reads. Fields that it does not read may change as they like.
 *
 * @module
 */
import { z } from 'zod';

const workspace = z.object({ id: z.string(), slug: z.string(), name: z.string() });
export type Workspace = z.output<typeof workspace>;

const source = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string().optional(),
  enabled: z.boolean(),
  /** Empty when the token does not have the role Source Admin on the source. */
  writeKeys: z.array(z.string()),
  metadata: z.object({ slug: z.string(), name: z.string(), categories: z.array(z.string()) }),
});
export type SegmentSource = z.output<typeof source>;

const pagination = z.object({ next: z.string().nullish() });

const dataset = z.object({ discardReason: z.string().optional(), total: z.number() });

export const answers = {
  workspace: z.object({ data: z.object({ workspace }) }),
  source: z.object({ data: z.object({ source }) }),
  sources: z.object({ data: z.object({ sources: z.array(source), pagination }) }),
  deliveries: z.object({ data: z.object({ total: z.number(), dataset: z.array(dataset), pagination }) }),
  failure: z.object({ errors: z.array(z.object({ type: z.string() })) }),
};
