import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { endReading, recordReading, takeOverReading } from '../ledger/reading.ts';
import { readRun } from '../ledger/runs.ts';
import { activityEnvironment } from '../test/support/activity-environment.ts';
import { openLedgerWorkbench, type LedgerWorkbench } from '../test/support/ledger-workbench.ts';
import type { Dependencies } from './dependencies.ts';
import { releaseReading } from './release-reading.ts';

let bench: LedgerWorkbench;
let server: Server;
let asked: string[];
let status: number;
beforeAll(async () => {
  bench = await openLedgerWorkbench();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (data) => (body += String(data)));
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(status, {
        'x-elastic-product': 'Elasticsearch',
        'content-type': 'application/json',
      });
      response.end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await bench.close();
});
beforeEach(() => {
  asked = [];
  status = 200;
});

/** A run whose worker died in the middle of a point in time of Elasticsearch, and what is left when it has ended. */
async function released(sync: string, fields: object = {}): Promise<unknown> {
  const { db } = bench.ledger;
  const { id } = await bench.open(sync);
  await takeOverReading(db, id, 'first');
  await recordReading(db, id, 'first', {
    place: { pit: 'the-pit', after: null, rows: 0 },
    mappingDigest: 'digest',
    columns: [],
    takenAt: '2026-01-01T00:00:00.000Z',
    segments: [],
    rows: 0,
    bytes: 0,
  });
  const run = await readRun(db, id);
  const source = {
    type: 'elasticsearch' as const,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: 'key',
    timeout: '5m',
    ...fields,
  };
  const dependencies = { ledger: bench.ledger, env: {}, allowedEndpoints: [] } as unknown as Dependencies;
  await activityEnvironment().run(() =>
    releaseReading(dependencies, { ...run, definition: { ...run.definition, source } }),
  );
  return endReading(db, id);
}

describe('the end of a run whose worker died in the middle of a read', () => {
  it('gives back the result that the warehouse keeps for it', async () => {
    expect(await released('kept')).toBeNull();
    expect(asked).toEqual(['DELETE /_pit {"id":"the-pit"}']);
  });

  it('does not hang on a warehouse that refuses, or on a secret that is gone', async () => {
    status = 500;
    expect(await released('refused')).toBeNull();
    expect(asked).toHaveLength(1);
    expect(await released('no_secret', { apiKey: '${NO_LONGER_THERE}' })).toBeNull();
  });
});
