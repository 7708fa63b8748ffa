import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createTemplateEngine } from '../definitions/template-engine.ts';
import { readTemplate } from '../definitions/template.ts';
import type { ValueType } from '../definitions/mapping-entry.ts';
import { decimalText, integerText, spooledValue } from '../test/support/canonical-values.ts';
import { column } from '../test/support/columns.ts';
import { columnKinds, type Column } from '../vocabulary/columns.ts';
import { escapeSpool } from '../vocabulary/spool.ts';
import { templateFilters } from './template-filters.ts';
import { programOf } from './template-program.ts';
import { renderer, templateWriter } from './template-value.ts';

const columns = [
  column('text'),
  column('integer', 'integer'),
  column('decimal', 'decimal'),
  column('float', 'float'),
  column('boolean', 'boolean'),
  column('timestamp', 'timestamp'),
  column('date', 'date'),
  column('json', 'json'),
];
const places = new Map(columns.map(({ name }, place) => [name, place]));

function rendered(
  text: string,
  row: Readonly<Record<string, string | null>> = {},
  type: ValueType | null = null,
): unknown {
  const read = readTemplate(text);
  if (!('columns' in read)) throw new Error(read.fault);
  const used = columns.filter(({ name }) => read.columns.includes(name));
  const json = templateWriter(
    { kind: 'template', text, columns: used, type },
    places,
  )(columns.map(({ name }) => (row[name] == null ? null : escapeSpool(row[name]))));
  return typeof json === 'string' ? JSON.parse(json) : json.invalid;
}

describe('a template', () => {
  it.each<[string, Record<string, string | null>, unknown]>([
    ['{{ text | capitalize }} ({{ integer }})', { text: 'ann', integer: '7' }, 'Ann (7)'],
    [
      '{{ text | strip | downcase | sha256 }}',
      { text: ' ABC ' },
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    ],
    ['{{ json | json }}', { json: '{"a":[1,9007199254740993]}' }, '{"a":[1,"9007199254740993"]}'],
    ['{{ json.a.b }}', { json: '{"a":{"b":"c"}}' }, 'c'],
    ['{% for x in json %}{{ x }};{% endfor %}', { json: '[1,"b"]' }, '1;b;'],
    ['{% if boolean %}yes{% else %}no{% endif %}', { boolean: 'f' }, 'no'],
    [
      '{% if integer > 10 %}big{% elsif integer == 10 %}ten{% else %}small{% endif %}',
      { integer: '10' },
      'ten',
    ],
    ['{% unless text == "pro" %}free{% endunless %}', { text: 'x' }, 'free'],
    ['{{ decimal | times: 2 }}', { decimal: '12.50' }, '25'],
    ['{{ timestamp | date: "%Y-%m-%d %H:%M" }}', { timestamp: '2024-02-29 23:30:00+00' }, '2024-02-29 23:30'],
    ['{{ text | date: "%d.%m.%Y" }}', { text: '2024-02-29T23:30:00-02:00' }, '01.03.2024'],
    [
      '{{ timestamp }} {{ date }}',
      { timestamp: '2024-02-29 23:30:00.5', date: '2024-02-29' },
      '2024-02-29T23:30:00.5Z 2024-02-29',
    ],
    ['"{{ text }}" <&>', { text: 'a"\n' }, '"a"\n" <&>'],
    ['{{ text | default: "none" }}', { text: null }, 'none'],
    ['{{ json | sum }}', { json: '[1,2.5,"4",null]' }, '7.5'],
    ['{{ json | sum: "a" }}', { json: '[{"a":1},{"a":2},{}]' }, '3'],
    ['{{ json.items | sum: "price.net" }}', { json: '{"items":[{"price":{"net":1.25}}]}' }, '1.25'],
    ['{{ text | sha256 | default: "none" }}', { text: null }, 'none'],
  ])('%s of %j: %j', (text, row, expected) => {
    expect(rendered(text, row)).toBe(expected);
  });

  it('that renders nothing is a null', () => {
    expect(rendered('{{ text }}', { text: null })).toBeNull();
    expect(rendered('{% if boolean %}x{% endif %}', { boolean: 'f' })).toBeNull();
    expect(rendered(' {{ text }}', { text: null })).toBe(' ');
  });

  it('becomes the type that the mapping names', () => {
    expect(rendered('{{ integer }}0', { integer: '1' }, 'integer')).toBe(10);
    expect(rendered('{{ text }}', { text: 'yes' }, 'boolean')).toBe(true);
    expect(rendered('{{ text }}', { text: 'x' }, 'integer')).toBe('not_convertible');
  });
});

describe('a row that a template cannot render is invalid, and says nothing of its values', () => {
  it.each<[string, Record<string, string | null>, string]>([
    ['{{ json.city }}', { json: '{"town":"x"}' }, 'template_failed'],
    ['{{ integer | divided_by: 0 }}', { integer: '1' }, 'template_failed'],
    ['{{ text | plus: 1 }}', { text: 'x' }, 'template_failed'],
    ['{{ integer | plus: 1 }}', { integer: '9007199254740993' }, 'template_failed'],
    ['{{ integer | plus: 1 }}', { integer: '9007199254740991' }, 'template_failed'],
    ['{{ json | sum }}', { json: '[[0.12345678901234567]]' }, 'template_failed'],
    ['{{ json | sum: "a" }}', { json: '[{"a":0.12345678901234567}]' }, 'template_failed'],
    ['{{ json | sum: "a" }}', { json: '[{"a":"x"}]' }, 'template_failed'],
    // A Date of JavaScript would read it in the time zone of the worker.
    ['{{ json | date: "%H" }}', { json: '["2024-01-01 12:00"]' }, 'template_failed'],
    ['{{ decimal | round }}', { decimal: '0.12345678901234567' }, 'template_failed'],
    ['{{ text | date: "%Y" }}', { text: 'now' }, 'template_failed'],
    ['{{ text | date: "%Y" }}', { text: 'today' }, 'template_failed'],
    ['{% assign x = text | date: "%Y" %}{{ x }}', { text: 'now' }, 'template_failed'],
    ['{{ text }}{{ text }}', { text: 'x'.repeat(20_000) }, 'too_large'],
    ['{{ float }}', { float: 'NaN' }, 'not_finite'],
    ['{{ json }}', { json: '{' }, 'json_invalid'],
  ])('%s', (text, row, reason) => {
    expect(rendered(text, row)).toBe(reason);
  });

  it('when it takes too much memory or time', () => {
    expect(rendered('{% for i in (1..2000000) %}x{% endfor %}')).toBe('template_failed');
    const loop = '{% for i in (1..9000) %}{% for j in (1..9000) %}{% endfor %}{% endfor %}';
    const startedAt = performance.now();
    expect(rendered(loop)).toBe('template_failed');
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    const replace = '| replace: "a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" '.repeat(8);
    expect(rendered(`{{ text ${replace}}}`, { text: 'a' })).toBe('template_failed');
  });
});

describe('no number loses digits in a template', () => {
  const same = (name: string, text: string): void => {
    const value = String(rendered(`{{ ${name} }}`, { [name]: text }));
    // -0 and 0 are the same number.
    expect(Number(value) === Number(text)).toBe(true);
    if (value !== text) expect(String(Number(text))).toBe(value);
  };
  it('of whole numbers', () => {
    fc.assert(
      fc.property(integerText, (text) => expect(rendered('{{ integer }}', { integer: text })).toBe(text)),
    );
  });
  it('of decimals', () => {
    fc.assert(fc.property(decimalText, (text) => same('decimal', text)));
  });
  it('of numbers in JSON', () => {
    fc.assert(
      fc.property(integerText, (text) =>
        expect(rendered('{{ json.n }}', { json: `{"n":${text}}` })).toBe(text),
      ),
    );
  });
});

describe('the steps of a simple template', () => {
  const engine = createTemplateEngine(templateFilters);
  const names = columns.map((one) => one.name);
  const name = fc.constantFrom('text', 'integer', 'decimal', 'float', 'boolean', 'timestamp', 'date', 'json');
  const literal = fc.constantFrom('"pro"', "''", '12', '-1.5', 'true', 'nil', 'empty', 'blank');
  const filter = fc.constantFrom(
    ...[
      'upcase',
      'downcase',
      'capitalize',
      'size',
      'strip',
      'escape',
      'sha256',
      'json',
      'first',
      'join: "-"',
    ],
    ...[
      'append: "x"',
      'append: text',
      'prepend: integer',
      'replace: "a", "b"',
      'default: "d"',
      'truncate: 5',
    ],
    ...[
      'plus: 1',
      'times: decimal',
      'round: 2',
      'date: "%Y-%m-%d"',
      'split: ","',
      'default: "d", allow_false: true',
    ],
  );
  // Every filter, with too few and too many arguments: they fail in the same places.
  const anyFilter = fc
    .tuple(
      fc.constantFrom(...Object.keys(engine.filters)),
      fc.array(fc.oneof(name, literal), { maxLength: 3 }),
    )
    .map(([filterName, args]) => (args.length === 0 ? filterName : `${filterName}: ${args.join(', ')}`));
  const member = fc.constantFrom('json.a', 'json.a.b', 'json["a"]', 'json.size', 'text.size', 'json.first');
  const operand = fc.oneof({ arbitrary: name, weight: 3 }, { arbitrary: literal, weight: 2 }, member);
  const value = fc
    .tuple(operand, fc.array(fc.oneof({ arbitrary: filter, weight: 3 }, anyFilter), { maxLength: 3 }))
    .map(([start, filters]) => [start, ...filters].join(' | '));
  const operator = fc.constantFrom('==', '!=', '>', '<', '>=', '<=', 'contains', 'and', 'or');
  const condition = fc.oneof(
    operand,
    fc.tuple(operand, operator, operand).map((parts) => parts.join(' ')),
  );
  const output = value.map((inner) => `{{ ${inner} }}`);
  const text = fc.constantFrom(' ', 'Hello, ', 'ü', '"', '\n', '');
  const choice = fc
    .tuple(fc.constantFrom('if', 'unless'), condition, output, condition, text, output)
    .map(
      ([tag, first, one, second, two, three]) =>
        `{% ${tag} ${first} %}${one}{% elsif ${second} %}${two}{% else %}${three}{% end${tag} %}`,
    );
  const template = fc
    .array(fc.oneof(text, output, choice, fc.constant('{{- text -}}')), { maxLength: 4 })
    .map((parts) => parts.join(''));
  const scope = fc
    .tuple(...columns.map(({ kind }) => fc.option(seenValue(kind), { nil: null })))
    .map(
      (values) =>
        Object.fromEntries(columns.map((one, place) => [one.name, values[place]])) as Record<string, unknown>,
    );

  const outcome = (work: () => unknown): unknown => {
    try {
      return { text: work() };
    } catch {
      return 'failed';
    }
  };

  it('say what Liquid says', () => {
    let simple = 0;
    let succeeded = 0;
    fc.assert(
      fc.property(template, scope, (source, values) => {
        const parsed = engine.parse(source);
        if (programOf({ liquid: engine, columns: names }, parsed) !== null) simple += 1;
        const expected = outcome(() => engine.parseAndRenderSync(source, values));
        if (expected !== 'failed') succeeded += 1;
        expect(outcome(() => renderer(engine, source, names)(names.map((one) => values[one])))).toEqual(
          expected,
        );
      }),
      { numRuns: 2000 },
    );
    expect(simple).toBeGreaterThan(1000);
    expect(succeeded).toBeGreaterThan(800);
  });

  /** As templates see it. */
  function seenValue(kind: Column['kind']): fc.Arbitrary<unknown> {
    switch (kind) {
      case 'integer':
      case 'decimal':
      case 'float':
        return fc.oneof(
          fc.integer(),
          fc.double({ noNaN: true }),
          fc.constantFrom('9007199254740993', 10, 12),
        );
      case 'boolean':
        return fc.boolean();
      case 'json':
        return fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom('a', 'b', 'size'), fc.jsonValue()));
      case 'timestamp':
      case 'date':
        return fc.constantFrom('2024-02-29T12:00:00Z', '2024-02-29');
      default:
        return fc.oneof(fc.string(), fc.constantFrom('pro', 'a,b', '12', ''));
    }
  }
});

describe('whatever a source spools', () => {
  const templates = [
    '{{ c }}',
    '{{ c | json }}',
    '{% if c %}{{ c | append: "x" }}{% endif %}',
    '{{ c | size }}{% for x in c %}{{ x }}{% endfor %}',
  ];
  it.each(columnKinds)('a template of a %s is a line of JSON, or has a reason', (kind) => {
    fc.assert(
      fc.property(spooledValue(kind), fc.constantFrom(...templates), (spooled, text) => {
        const source = { kind: 'template', text, columns: [column('c', kind)], type: null } as const;
        const json = templateWriter(source, new Map([['c', 0]]))([spooled]);
        if (typeof json !== 'string') return;
        expect(JSON.parse(json) === null || typeof JSON.parse(json) === 'string').toBe(true);
        expect(json).not.toMatch(/[\u0000-\u001f]/);
        expect(Buffer.from(json).toString('utf8')).toBe(json);
      }),
    );
  });
});
