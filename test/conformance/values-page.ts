import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WarehouseType } from '../../definitions/connection.ts';

const titles: Readonly<Record<WarehouseType, string>> = {
  postgres: 'PostgreSQL',
  redshift: 'Redshift',
  bigquery: 'BigQuery',
  snowflake: 'Snowflake',
  databricks: 'Databricks',
  elasticsearch: 'Elasticsearch',
  google_sheets: 'Google Sheets',
  mysql: 'MySQL',
  rockset: 'Rockset',
};

export interface DocumentedValue {
  type: string;
  expression: string;
  /** The JSON, or `_invalid: reason_`. */
  sent: string;
}

/** The lines of a source in docs/sources/values.md. */
export function documentedValues(type: WarehouseType): DocumentedValue[] {
  const page = readFileSync(join(import.meta.dirname, '../../docs/sources/values.md'), 'utf8');
  const section = page.split(/^## /m).find((part) => part.startsWith(`${titles[type]}\n`));
  if (section === undefined) throw new Error(`docs/sources/values.md has no section "${titles[type]}"`);
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (type|-)/.test(line))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|')))
    .map(([, sourceType = '', example = '', sent = '']) => ({
      type: sourceType,
      expression: code(example),
      sent: code(sent),
    }));
}

/** As Markdown reads it: with two backticks around, the code may hold one itself. */
const code = (cell: string): string => cell.replace(/^(`+) ?([^]*?) ?\1$/, '$2');
