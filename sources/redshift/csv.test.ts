import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { spoolLine } from '../spool-line.ts';
import { columnOf, type RedshiftColumn } from './columns.ts';
import { csvReader } from './csv.ts';

const column = (name: string, type: string): RedshiftColumn => columnOf('m', { name, type, length: null });
const COLUMNS = [column('id', 'int8'), column('note', 'varchar'), column('doc', 'super')];

function spooled(columns: readonly RedshiftColumn[], ...chunks: string[]): string {
  const csv = csvReader(columns);
  return chunks.map((chunk) => csv.read(chunk)).join('') + csv.end();
}

describe('redshift: CSV', () => {
  it.each([
    ['NULL and the empty text', '1,=,\n2,,\n', '1\t\t\\N\n2\t\\N\t\\N\n'],
    ['NULL and the empty text, quoted', '1,"=",""\r\n"2","",""\r\n', '1\t\t\\N\n2\t\\N\t\\N\n'],
    ['words for NULL', '1,=NULL,null\n2,=\\N,"""null"""\n', '1\tNULL\tnull\n2\t\\\\N\t"null"\n'],
    ['what is quoted', '1,"=a,""b""\nc\td","{""a"":1}"\n', '1\ta,"b"\\nc\\td\t{"a":1}\n'],
    ['a line of headers', 'backhaul_1,backhaul_2,backhaul_3\r\n1,==,3\r\n', '1\t=\t3\n'],
    ['a last line without its end', '1,=a,\n2,=b,3', '1\ta\t\\N\n2\tb\t3\n'],
    ['no rows', '', ''],
  ])('%s', (_, text, lines) => {
    expect(spooled(COLUMNS, text)).toBe(lines);
  });

  it('of one column has a second, so that no line is empty', () => {
    const one = [column('note', 'varchar')];
    expect(spooled(one, 'backhaul_1,backhaul_2\n,=\n=,=\n=a,=\n')).toBe('\\N\n\na\n');
  });

  it('that ends within a row is no row less', () => {
    expect(() => spooled(COLUMNS, '1,=a,\n2,"=b')).toThrow(
      expect.objectContaining({ code: 'source_partial_result' }),
    );
  });

  it('with another number of fields is refused', () => {
    expect(() => spooled(COLUMNS, '1,=a\n')).toThrow(/2 fields, not 3/);
  });

  it('is the same however it is cut into pieces', () => {
    const value = fc.option(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', '\\', '=', '😀') }));
    const quote = (text: string): string =>
      /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer(), value, value)),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (rows, lineBreak, sizes) => {
          const text = rows
            .map(([id, note, doc]) =>
              [
                String(id),
                note === null ? '' : quote(`=${note}`),
                doc === null || doc === '' ? '' : quote(doc),
              ].join(','),
            )
            .map((line) => line + lineBreak)
            .join('');
          const chunks: string[] = [];
          for (let at = 0, turn = 0; at < text.length; turn += 1) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(text.slice(at, at + size));
            at += size;
          }
          const expected = rows.map(([id, note, doc]) =>
            spoolLine([String(id), note, doc === '' ? null : doc], 99),
          );
          expect(spooled(COLUMNS, ...chunks)).toBe(expected.join(''));
        },
      ),
    );
  });
});
