import fc from 'fast-check';
import type { ColumnKind } from '../../vocabulary/columns.ts';
import { escapeSpool } from '../../vocabulary/spool.ts';

const digits = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
const sign = fc.constantFrom('', '-');
const two = (min: number, max: number): fc.Arbitrary<string> =>
  fc.integer({ min, max }).map((value) => String(value).padStart(2, '0'));

/** As NUMERIC and BIGINT write them, small and far beyond a double. */
export const integerText = fc.oneof(
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.integer({ min: -3, max: 3 }).map((offset) => String(2n ** 53n + BigInt(offset))),
  fc.integer({ min: -3, max: 3 }).map((offset) => String(-(2n ** 53n) + BigInt(offset))),
  fc.integer().map(String),
);
export const decimalText = fc.oneof(
  fc
    .tuple(
      sign,
      integerText.map((text) => text.replace('-', '')),
      digits(0, 25),
    )
    .map(([minus, whole, fraction]) => `${minus}${whole}${fraction === '' ? '' : `.${fraction}`}`),
  fc
    .tuple(sign, digits(0, 8), digits(1, 9))
    .map(([minus, zeros, fraction]) => `${minus}0.${zeros}${fraction}`),
);
/** As PostgreSQL writes doubles, at least two digits in the exponent, and as others do. */
export const floatText = fc
  .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('plain', 'exponent', 'padded'))
  .map(([value, form]) =>
    form === 'plain'
      ? String(value)
      : value.toExponential().replace(/e([+-])(\d)$/, form === 'padded' ? 'e$10$2' : 'e$1$2'),
  );
/** A number as JSON may write it. */
export const jsonNumberText = fc.oneof(
  decimalText,
  fc
    .tuple(
      decimalText,
      fc.constantFrom('e', 'E'),
      fc.constantFrom('', '+', '-'),
      fc.integer({ min: 0, max: 400 }),
    )
    .map((parts) => parts.join('')),
);
const year = fc.integer({ min: 1, max: 9999 }).map((value) => String(value).padStart(4, '0'));
export const dateText = fc.tuple(year, two(1, 12), two(1, 28)).map((parts) => parts.join('-'));
export const timestampText = fc
  .tuple(
    dateText,
    two(0, 23),
    two(0, 59),
    two(0, 59),
    fc.constantFrom('', '.5', '.123456', '.000001'),
    fc.constantFrom('', '+00'),
  )
  .map(
    ([day, hour, minute, second, fraction, zone]) => `${day} ${hour}:${minute}:${second}${fraction}${zone}`,
  );
/** Any string of JavaScript: controls, halves of surrogate pairs, everything. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({
    unit: fc.constantFrom('\\', '"', '\t', '\n', '\r', '\0', '\b', '\v', 'N', 'n', '\u2028', '\ud83d'),
  }),
);
export const jsonText = fc.oneof(
  fc.json({ noUnicodeString: false }),
  jsonNumberText,
  fc.jsonValue().map((value) => JSON.stringify(value, null, '\t')),
  fc.array(jsonNumberText).map((numbers) => `[${numbers.join(' ,\r\n')}]`),
);
export const base64Text = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64'));

const texts: Readonly<Record<ColumnKind, fc.Arbitrary<string>>> = {
  text: anyText,
  integer: integerText,
  decimal: fc.oneof(decimalText, fc.constantFrom('NaN', 'Infinity', '-Infinity')),
  float: fc.oneof(floatText, fc.constantFrom('NaN', 'Infinity', '-Infinity')),
  boolean: fc.constantFrom('t', 'f'),
  timestamp: fc.oneof(timestampText, fc.constantFrom('infinity', '-infinity', '0044-03-15 12:00:00+00 BC')),
  date: fc.oneof(dateText, fc.constantFrom('infinity', '-infinity', '0044-03-15 BC', '12024-01-01')),
  json: jsonText,
  binary: base64Text,
};

/** What a source spools for a column of this kind, NULL aside. */
export const spooledValue = (kind: ColumnKind): fc.Arbitrary<string> => texts[kind].map(escapeSpool);
