import { z } from 'zod';
import { textField, unavailableField } from './fields.ts';

/** A named query over one connection: its SQL, or a whole table. */
export type ModelDefinition = { connection: string; sql: string } | { connection: string; table: string };

/** The ways to say what a model reads: exactly one of them. */
export const modelContents = ['sql', 'sqlFile', 'table'] as const;

/** As it is written. `sqlFile` is read when the file is parsed and becomes `sql`. */
export const writtenModelSchema = z.strictObject({
  connection: textField('the name of a warehouse connection'),
  sql: textField('one SELECT').optional(),
  sqlFile: textField('the path of a file with one SELECT, seen from this file').optional(),
  table: textField('the name of a table, such as app.users').optional(),
  index: unavailableField('models over Elasticsearch are not available yet', 'Use sql, sqlFile or table'),
  query: unavailableField('models over Elasticsearch are not available yet', 'Use sql, sqlFile or table'),
  sheet: unavailableField('models over Google Sheets are not available yet', 'Use sql, sqlFile or table'),
  range: unavailableField('models over Google Sheets are not available yet', 'Use sql, sqlFile or table'),
});
export type WrittenModel = z.output<typeof writtenModelSchema>;
