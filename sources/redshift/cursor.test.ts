import type pg from 'pg';
import { expect, it } from '@jest/globals';
import { columnOf } from './columns.ts';
import { readByCursor } from './cursor.ts';
import { selectQuery } from './query.ts';

it('redshift: a FETCH of fewer rows than were asked for is not the end', async () => {
  const answers = [['1'], ['2', '3'], ['4'], []];
  const session = {
    query: ({ text }: { text: string }) =>
      Promise.resolve({ rows: text.startsWith('fetch') ? (answers.shift() ?? []).map((id) => [id]) : [] }),
  } as unknown as pg.Client;
  const columns = [columnOf('m', { name: 'id', type: 'int8', length: null })];
  const query = selectQuery('m', 'select 1 as id', columns, { maxBytes: 32_768, marked: false });
  let lines = '';
  for await (const piece of readByCursor(session, query, columns, 1000)) lines += piece.toString();
  expect(lines).toBe('1\n2\n3\n4\n');
});
