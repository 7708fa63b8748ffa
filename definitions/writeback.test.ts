import { describe, expect, it } from '@jest/globals';
import { formatFault } from './fault.ts';
import { parseDefinitions } from './parse.ts';
import { renderDefinitions } from './render.ts';
import { noDefinitions } from './schema.ts';

const parse = (writeback: string, reads = 'warehouse') =>
  parseDefinitions([
    {
      path: 'backhaul.yaml',
      text: `connections:
  warehouse: { type: postgres, url: "\${WAREHOUSE_URL}" }
  other: { type: mysql, url: "\${MYSQL_URL}" }
  results: { type: postgres, url: "\${RESULTS_URL}", writable: true }
  segment: { type: segment, writeKey: "\${SEGMENT_WRITE_KEY}" }
models:
  people: { connection: ${reads}, sql: select 1 as id }
syncs:
  users: { model: people, destination: segment, key: { from: id, to: userId }, properties: all, writeback: ${writeback} }
`,
    },
  ]);
const faults = (writeback: string, reads?: string): string[] =>
  parse(writeback, reads).faults.map(formatFault);
const tables = (fields: string): string => `{ postgres: { ${fields} } }`;

describe('writeback of a sync', () => {
  it('has defaults, and is exported as it was written', () => {
    const { definitions, faults: found } = parse(tables('connection: results, schema: results, keep: 90d'));
    expect(found).toEqual([]);
    expect(parse('{}').definitions.syncs.users?.writeback).toEqual({ rows: 'all', payload: false });
    const again = parseDefinitions([{ path: 'again.yaml', text: renderDefinitions(definitions) }]);
    expect(again.definitions).toEqual(definitions);
    expect(noDefinitions()).not.toEqual(definitions);
  });

  it('writes to what is meant for it, and to nothing else', () => {
    for (const connection of ['warehouse', 'other', 'segment'])
      expect(faults(tables(`connection: ${connection}, schema: results`))).toEqual([
        expect.stringContaining(
          `the sync "users" writes back to a connection that is not postgres with writable: true: "${connection}". Use one of results.`,
        ),
      ]);
    expect(faults('{}', 'results')).toEqual([
      expect.stringContaining(
        'the model "people" reads from a connection that is for write-back, with writable: true: "results". Use one of other, warehouse.',
      ),
    ]);
    for (const schema of ['public', 'pg_temp', 'Results', '"a b"'])
      expect(faults(tables(`connection: results, schema: ${schema}`))).toEqual([
        expect.stringContaining('"schema" is not the name of a schema of its own'),
      ]);
  });

  it('asks for no messages of rows that it leaves out', () => {
    expect(faults('{ rows: none, payload: true }')).toEqual([
      expect.stringContaining('"payload" asks for the messages of rows, and "rows" is none'),
    ]);
    expect(faults('{ rows: some }')).toEqual([expect.stringContaining('Write one of all, failed, none.')]);
  });
});
