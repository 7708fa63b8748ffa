/**
 * What we read of the answers of a workspace; the rest is ignored.
 * Source: https://docs.databricks.com/api/workspace/statementexecution
 *
 * @module
 */
import { z } from 'zod';

const externalLink = z.object({
  chunk_index: z.number(),
  row_count: z.number().optional(),
  external_link: z.string(),
  expiration: z.string().optional(),
  http_headers: z.record(z.string(), z.string()).nullish(),
});
export type ExternalLink = z.output<typeof externalLink>;

const result = z.object({
  external_links: z.array(externalLink).nullish(),
  data_array: z.array(z.array(z.string().nullable())).nullish(),
});

const manifest = z.object({
  schema: z.object({
    columns: z.array(z.object({ name: z.string(), type_text: z.string() })).nullish(),
  }),
  total_chunk_count: z.number().optional(),
  total_row_count: z.number().optional(),
  truncated: z.boolean().nullish(),
});

export const answers = {
  statement: z.object({
    statement_id: z.string(),
    status: z.object({
      state: z.string(),
      sql_state: z.string().nullish(),
      error: z.object({ error_code: z.string().nullish(), message: z.string().nullish() }).nullish(),
    }),
    manifest: manifest.nullish(),
    result: result.nullish(),
  }),
  chunk: result,
  warehouse: z.object({ state: z.string() }),
  token: z.object({ access_token: z.string(), expires_in: z.number().optional() }),
  anything: z.unknown(),
};

export type StatementAnswer = z.output<typeof answers.statement>;
export type ChunkAnswer = z.output<typeof answers.chunk>;
