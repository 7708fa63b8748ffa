import { z } from 'zod';
import { textField } from './fields.ts';

/** A named query over one connection: its SQL, a whole table, the documents of an index, or the rows of a sheet. */
export type ModelDefinition = { connection: string } & ModelContent;

export type ModelContent = { sql: string } | { table: string } | IndexContent | SheetContent;

/** Whether SQL reads it, so that a condition can be put around it. */
export const readsSql = (content: ModelContent): content is { sql: string } | { table: string } =>
  'sql' in content || 'table' in content;

/** Documents of Elasticsearch. */
export interface IndexContent {
  /** A name, a pattern, or several parted by commas. */
  index: string;
  /** Query DSL; all documents when it is absent. */
  query?: Record<string, unknown> | undefined;
  /** Dotted paths; every mapped field when absent. */
  fields?: string[] | undefined;
  /** A field of keyword, number or date to sort by; absent: the order of the index. */
  key?: string | undefined;
}

/** Rows of Google Sheets, the first of which names the columns. */
export interface SheetContent {
  /** The id, or the address in the browser. */
  spreadsheet: string;
  /** The tab. The first one when neither it nor `range` is given. */
  sheet?: string | undefined;
  /** In A1 notation, with or without the tab. */
  range?: string | undefined;
}

/** As it is written. `sqlFile` is read when the file is parsed and becomes `sql`. */
export const writtenModelSchema = z.strictObject({
  connection: textField('the name of a warehouse connection'),
  sql: textField('one SELECT').optional(),
  sqlFile: textField('the path of a file with one SELECT, seen from this file').optional(),
  table: textField('the name of a table, such as app.users').optional(),
  index: textField('the name of an index, or a pattern such as users-*').optional(),
  query: z
    .record(z.string(), z.unknown())
    .describe('a query of Elasticsearch, such as { term: { plan: pro } }')
    .optional(),
  fields: z
    .array(textField('the dotted path of a field'))
    .min(1)
    .describe('a list of fields, such as [id, email, address.city]')
    .optional(),
  key: textField('a field to sort by: keyword, number or date').optional(),
  spreadsheet: textField('the id of a spreadsheet, or its address').optional(),
  sheet: textField('the name of a tab').optional(),
  range: textField('a range such as A1:F500 or Users!A:F').optional(),
});
export type WrittenModel = z.output<typeof writtenModelSchema>;
type ModelField = Exclude<keyof WrittenModel, 'connection'>;

/** The ways to say what a model reads: exactly one of them, and with it the fields that go along. */
export const modelContents = {
  sql: [],
  sqlFile: [],
  table: [],
  index: ['query', 'fields', 'key'],
  spreadsheet: ['sheet', 'range'],
} as const satisfies Partial<Record<ModelField, readonly ModelField[]>>;
export type ModelContentField = keyof typeof modelContents;
export const modelContentFields = Object.keys(modelContents) as ModelContentField[];
