import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createAccounts, type Account } from './accounts.ts';
import { startGate, type Gate } from './gate.ts';
import { PROJECT, startLocalBigQuery } from './local-bigquery.ts';

interface JobItem {
  jobReference?: { jobId?: string };
  status?: { state?: string };
}

export interface StandIn {
  gate: Gate;
  /** `http://127.0.0.1:port` of the Storage Read API, which knows no credentials here. */
  storage: string;
  account(name: string): Account;
  revokeTokens(): void;
  /** Past the gate: to make tables. */
  run(sql: string): Promise<void>;
  /** Loads lines of JSON into a table. */
  load(table: string, columns: Record<string, string>, lines: Iterable<object>): Promise<void>;
  jobs(): Promise<{ id: string; state: string }[]>;
  /** Forgets every result, as BigQuery does after a day. */
  forgetResults(): Promise<void>;
  close(): Promise<void>;
}

/** local-bigquery behind the gate. */
export async function startBigQuery(): Promise<StandIn> {
  const emulator = await startLocalBigQuery();
  const accounts = createAccounts(PROJECT);
  const gate = await startGate(emulator.rest, accounts, PROJECT);
  const api = async (path: string, init?: RequestInit): Promise<unknown> => {
    const answer = await fetch(`${emulator.rest}/bigquery/v2/projects/${PROJECT}${path}`, init);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${path}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  const post = (path: string, body: object): Promise<unknown> =>
    api(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const jobs = async (): Promise<{ id: string; state: string }[]> => {
    const { jobs: items = [] } = (await api('/jobs?maxResults=100000')) as { jobs?: JobItem[] };
    return items.map(({ jobReference, status }) => ({
      id: jobReference?.jobId ?? '',
      state: status?.state ?? '',
    }));
  };

  return {
    gate,
    storage: `http://127.0.0.1:${emulator.grpcPort}`,
    account: (name) => accounts.create(name),
    revokeTokens: () => accounts.revokeAll(),
    run: async (sql) => void (await post('/queries', { query: sql, useLegacySql: false })),
    async load(table, columns, lines) {
      const [datasetId = '', tableId = ''] = table.split('.');
      await mkdir(join(emulator.buckets, 'load'), { recursive: true });
      const text = [...lines].map((line) => JSON.stringify(line)).join('\n');
      await writeFile(join(emulator.buckets, 'load', `${tableId}.json`), text);
      const schema = { fields: Object.entries(columns).map(([name, type]) => ({ name, type })) };
      const jobId = `load-${tableId}`;
      await post('/jobs', {
        jobReference: { projectId: PROJECT, jobId },
        configuration: {
          load: {
            sourceUris: [`gs://load/${tableId}.json`],
            sourceFormat: 'NEWLINE_DELIMITED_JSON',
            destinationTable: { projectId: PROJECT, datasetId, tableId },
            schema,
          },
        },
      });
      for (;;) {
        const { status } = (await api(`/jobs/${jobId}`)) as {
          status: { state: string; errorResult?: object };
        };
        if (status.errorResult !== undefined) throw new Error(JSON.stringify(status.errorResult));
        if (status.state === 'DONE') return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    jobs,
    async forgetResults() {
      for (const { id } of await jobs()) {
        await api(`/datasets/_results/tables/${id}`, { method: 'DELETE' }).catch(() => undefined);
      }
    },
    async close() {
      await gate.close();
      await emulator.server.stop();
    },
  };
}
