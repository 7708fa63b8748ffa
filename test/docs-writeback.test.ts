import { describe, expect, it } from '@jest/globals';
import { externalTables, writebackEngines } from '../client/writeback-ddl.ts';
import {
  WRITEBACK_VERSION,
  writebackColumns,
  writebackOutcomes,
  writebackTables,
} from '../vocabulary/writeback.ts';
import { blocksOf, readPage } from './support/pages.ts';

const PAGE = 'docs/writeback.md';
const text = readPage(PAGE);
const section = (title: string): string =>
  text.split(/^###? /m).find((part) => part.startsWith(`${title}\n`)) ?? '';

/** The cells of the tables of a section, without headers. */
const cellsOf = (title: string): string[][] =>
  [...section(title).matchAll(/^\| (`[a-z_]+`.*) \|$/gm)].map(([, line = '']) =>
    line.split(/ +\| +/).map((cell) => cell.trim()),
  );

describe('the page about the write-back', () => {
  it.each(writebackTables)('has the columns of %s as they are written', (table) => {
    const shown = cellsOf(table).filter((cells) => cells.length === 4);
    expect(shown).toEqual(
      writebackColumns[table].map(({ means, name, nullable, type }) => [
        `\`${name}\``,
        type,
        nullable ? 'may be' : 'no',
        means,
      ]),
    );
    expect(text).toContain(`writeback/v${WRITEBACK_VERSION}/${table}/`);
  });

  it('has what may become of a row', () => {
    const shown = cellsOf('rows').filter((cells) => cells.length === 2);
    expect(shown).toEqual(
      Object.entries(writebackOutcomes).map(([name, { means }]) => [`\`${name}\``, means]),
    );
  });

  it.each(writebackEngines)('shows the statements that the command prints for %s', (engine) => {
    const location = `${engine === 'bigquery' ? 'gs' : 's3'}://acme-backhaul/production`;
    const said = `${externalTables(engine, location)
      .map((statement) => `${statement};`)
      .join('\n\n')}\n`;
    expect(blocksOf(PAGE).map((block) => block.text)).toContain(said);
  });
});
