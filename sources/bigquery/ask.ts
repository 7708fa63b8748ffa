import type { BigQuery } from '@google-cloud/bigquery';

/** Of what the client has no method for that says all that is asked. */
export function ask<Answer>(
  client: BigQuery,
  options: { uri: string; method?: string; projectId?: string; json?: object; qs?: object },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    client.request(options, (error: Error | null, body: unknown) =>
      error ? reject(error) : resolve(body as Answer),
    );
  });
}
