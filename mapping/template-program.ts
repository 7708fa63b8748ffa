import {
  IfTag,
  isTruthy,
  Output,
  toValue,
  toValueSync,
  TypeGuards,
  UnlessTag,
  type Context,
  type Filter,
  type FilterImplOptions,
  type Liquid,
  type Template as Part,
  type Token,
  type Value,
} from 'liquidjs';

/** Null when a value turns up that Liquid itself has to write. */
export type Program = (row: readonly unknown[], context: Context) => string | null;
type Reader = (row: readonly unknown[], context: Context) => unknown;

interface Template {
  liquid: Liquid;
  /** The columns in the order of a row. */
  columns: readonly string[];
}

/**
 * A template in steps that are called directly: text, columns with filters, `if` and `unless`. Liquid walks its tree by
 * generators, which costs ten times as much. The filters and operators are Liquid's, so are the limits of memory.
 *
 * @returns null when the template has anything else in it
 */
export function programOf(template: Template, parts: readonly Part[]): Program | null {
  const steps = parts.map((part) => stepOf(template, part));
  if (!steps.every((step) => step !== null)) return null;
  return (row, context) => {
    let text = '';
    for (const step of steps) {
      const part = step(row, context);
      if (part === null) return null;
      text += part;
    }
    return text;
  };
}

function stepOf(template: Template, part: Part): Program | null {
  if (TypeGuards.isHTMLToken(part.token)) {
    const text = part.token.getContent();
    return () => text;
  }
  if (part instanceof Output) {
    const read = readerOf(template, part.value, false);
    return read === null ? null : (row, context) => written(valueOf(read(row, context)));
  }
  if (part instanceof IfTag) {
    const branches = part.branches.map((branch) => ({ ...branch, test: isTruthy }));
    return choiceOf(template, branches, part.elseTemplates);
  }
  if (part instanceof UnlessTag) return choiceOf(template, part.branches, part.elseTemplates);
  return null;
}

/** As Liquid writes what is no list and no object. */
function written(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

interface Branch {
  value: Value;
  templates: Part[];
  test: (value: unknown, context: Context) => boolean;
}

function choiceOf(template: Template, branches: readonly Branch[], otherwise: Part[] = []): Program | null {
  const last = programOf(template, otherwise);
  const ways = branches.map(({ value, templates, test }) => ({
    read: readerOf(template, value, true),
    program: programOf(template, templates),
    test,
  }));
  if (last === null) return null;
  const known = ways.flatMap(({ read, program, test }) =>
    read === null || program === null ? [] : [{ read, program, test }],
  );
  if (known.length < ways.length) return null;
  return (row, context) => {
    for (const { read, program, test } of known) {
      if (test(valueOf(read(row, context)), context)) return program(row, context);
    }
    return last(row, context);
  };
}

/** @param lenient whether a member that JSON does not have is a null, as in a condition and before `default` */
function readerOf(template: Template, value: Value, lenient: boolean): Reader | null {
  const forgiving = lenient || value.filters[0]?.name === 'default';
  const initial = expressionOf(template, value.initial.postfix, forgiving);
  const filters = value.filters.map((filter) => filterOf(template, filter));
  if (initial === null || !filters.every((filter) => filter !== null)) return null;
  if (filters.length === 0) return initial;
  return (row, context) => {
    let result = initial(row, context);
    for (const filter of filters) result = filter(result, row, context);
    return result;
  };
}

type FilterStep = (value: unknown, row: readonly unknown[], context: Context) => unknown;

function filterOf(template: Template, { name, args }: Filter): FilterStep | null {
  const { liquid } = template;
  const filter: FilterImplOptions | undefined = liquid.filters[name];
  if (filter === undefined) return null;
  const handler = typeof filter === 'function' ? filter : filter.handler;
  const readers = args.map((arg) => (Array.isArray(arg) ? null : operandOf(template, arg, false)));
  if (!readers.every((reader) => reader !== null)) return null;
  const self = { context: null as Context | null, liquid };
  const [first, ...more] = readers;
  return (value, row, context) => {
    self.context = context;
    if (first === undefined) return resultOf(call(handler, self, value));
    const args = more.map((read) => read(row, context));
    return resultOf(call(handler, self, value, first(row, context), ...args));
  };
}

const call = (handler: (...args: never[]) => unknown, self: unknown, ...args: unknown[]): unknown =>
  (handler as (...all: unknown[]) => unknown).call(self, ...args);

/** An operand, or two and what compares them, in the order in which Liquid keeps them. */
function expressionOf(template: Template, postfix: readonly Token[], lenient: boolean): Reader | null {
  const [first, second, operator, ...more] = postfix;
  const left = first === undefined ? null : operandOf(template, first, lenient);
  if (left === null || more.length > 0) return null;
  if (second === undefined) return left;
  const right = operandOf(template, second, lenient);
  if (right === null || !TypeGuards.isOperatorToken(operator)) return null;
  const compare = template.liquid.options.operators[operator.operator];
  if (compare === undefined) return null;
  const name = operator.operator;
  return (row, context) => {
    const [a, b] = [left(row, context), right(row, context)];
    // Liquid's comparison of what is neither list nor object.
    if (name === '==' && !isObject(a) && !isObject(b)) return a === b;
    return resultOf(call(compare, undefined, a, b, context));
  };
}

/** Filters and operators of Liquid are functions or generators. */
const resultOf = (result: unknown): unknown => (isObject(result) ? toValueSync<unknown>(result) : result);

const valueOf = (value: unknown): unknown => (isObject(value) ? (toValue(value) as unknown) : value);

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** A literal, a column by its name, or a member of a JSON column. */
function operandOf(template: Template, token: Token, lenient: boolean): Reader | null {
  if (TypeGuards.isPropertyAccessToken(token)) {
    const names = token.props.map((prop) =>
      TypeGuards.isWordToken(prop) || TypeGuards.isQuotedToken(prop) ? prop.content : null,
    );
    if (token.variable !== undefined || !names.every((name) => name !== null)) return null;
    const [column = '', ...members] = names;
    const place = template.columns.indexOf(column);
    if (place < 0) return null;
    return members.length === 0 ? (row) => row[place] : memberOf(place, members, lenient);
  }
  if (
    TypeGuards.isQuotedToken(token) ||
    TypeGuards.isNumberToken(token) ||
    TypeGuards.isLiteralToken(token)
  ) {
    const { content } = token;
    return () => content;
  }
  return null;
}

const memberOf =
  (place: number, members: readonly string[], lenient: boolean): Reader =>
  (row, context) => {
    let value: unknown = row[place];
    for (const member of members) {
      value = context.readProperty(value as object, member);
      if (value !== undefined) continue;
      if (lenient) return null;
      throw new Error('undefined variable');
    }
    return value;
  };
