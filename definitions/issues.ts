import { z } from 'zod';
import { formatPath, type FaultCode, type Path } from './fault.ts';
import { nearestName, suggestName } from './nearest.ts';

/** A fault before it has a place in a file. */
export interface Finding {
  path: Path;
  at: 'key' | 'value';
  code?: FaultCode;
  /** Something is not there: not to be trusted in a file that is broken further down. */
  absence?: true;
  message: string;
  fix: string;
}

export interface Subject {
  schema: z.ZodType;
  /** `the sync "users"` */
  title: string;
  value: unknown;
  /** False where a value may be a secret. */
  quoteValues: boolean;
}

type Issue = z.core.$ZodIssue;

/** What zod found, in our words. Paths are relative to the subject. */
export function findingsOf(subject: Subject, issues: readonly Issue[]): Finding[] {
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...pathOf(issue), key]) : [],
  );
  const known = issues
    .filter((issue) => issue.code !== 'unrecognized_keys')
    .map((issue) => findingOf(subject, issue))
    // "modle" is not a field: that "model" is missing says the same once more.
    .filter(({ path, absence }) => absence !== true || !unknown.some((other) => isSlipOf(other, path)));
  return [...unknown.map((path) => unknownField(subject, path)), ...known];
}

const isSlipOf = (written: Path, meant: Path): boolean =>
  formatPath(written.slice(0, -1)) === formatPath(meant.slice(0, -1)) &&
  nearestName(String(written.at(-1)), [String(meant.at(-1))]) !== null;

const pathOf = (issue: Issue): (string | number)[] =>
  issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));

function unknownField({ schema, title }: Subject, path: Path): Finding {
  const parents = path.slice(0, -1);
  const key = String(path.at(-1));
  const owner = fieldName(parents) === null ? title : `"${fieldName(parents)}"`;
  const known = fieldsOf(schemaAt(schema, parents));
  return {
    path,
    at: 'key',
    message: `"${key}" is not a field of ${owner}`,
    fix: suggestName(key, known, 'Remove it.'),
  };
}

function findingOf(subject: Subject, issue: Issue): Finding {
  const path = pathOf(issue);
  const value = valueAt(subject.value, path);
  const field = schemaAt(subject.schema, path);
  const label = fieldName(path) === null ? subject.title : `"${fieldName(path)}"`;
  const description = descriptionOf(field);
  const write = description === null ? 'Write it as the documentation shows.' : `Write ${description}.`;
  const shown = subject.quoteValues && typeof value === 'string' && value.length <= 80 ? `: "${value}"` : '';
  const at = 'value';

  if (issue.code === 'invalid_type' && issue.expected === 'never') {
    const code = 'not_available_yet';
    return {
      path,
      at: 'key',
      code,
      message: `not_available_yet: ${issue.message}`,
      fix: `${description ?? 'Leave it out'}.`,
    };
  }
  if (value === undefined) {
    return {
      path,
      at: 'key',
      absence: true,
      message: `${label} is missing in ${ownerOf(subject, path)}`,
      fix: `Add ${fieldName(path)}: ${description}.`,
    };
  }
  if (value === null) return { path, at, message: `${label} is empty`, fix: write };
  switch (issue.code) {
    case 'invalid_type': {
      const quotes = issue.expected === 'string' ? ' Put it in quotes if it is meant as text.' : '';
      return {
        path,
        at,
        message: `${label} is ${kindOf(value)}, not ${kindNames[issue.expected] ?? issue.expected}`,
        fix: write + quotes,
      };
    }
    case 'invalid_value': {
      const near = typeof value === 'string' ? nearestName(value, issue.values.map(String)) : null;
      const meant = near === null || !subject.quoteValues ? '' : ` Did you mean "${near}"?`;
      return { path, at, message: `${label} has a value that is not known${shown}`, fix: write + meant };
    }
    case 'too_small':
    case 'too_big':
      return { path, at, message: `${label} is out of range`, fix: write };
    case 'custom':
    case 'invalid_format':
      return {
        path,
        at,
        message: `${label} ${issue.message}${issue.message === 'is empty' ? '' : shown}`,
        fix: write,
      };
    case 'invalid_union': {
      const choice = issue.errors.flat().some(({ code }) => code === 'invalid_value');
      const custom = issue.errors.flat().find(({ code }) => code === 'custom')?.message;
      const wrong = choice ? 'has a value that is not known' : (custom ?? 'has a value of the wrong form');
      return { path, at, message: `${label} ${wrong}${shown}`, fix: write };
    }
    default:
      return { path, at, message: `${label} has a value of the wrong form${shown}`, fix: write };
  }
}

const kindNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with fields',
};

export function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return kindNames.array ?? '';
  return kindNames[typeof value] ?? typeof value;
}

/** The last named part of a path: of `mapping[0]` it is `mapping`. */
const fieldName = (path: Path): string | null =>
  path.filter((part) => typeof part === 'string').at(-1) ?? null;

const ownerOf = (subject: Subject, path: Path): string => {
  const owner = fieldName(path.slice(0, -1));
  return owner === null ? subject.title : `"${owner}"`;
};

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, part) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, part)
        ? (inner as Record<string | number, unknown>)[part]
        : undefined,
    value,
  );
}

/** Without the wrappers that make it optional or give it a default. */
function unwrapped(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
    inner = inner.def.innerType;
  }
  return inner;
}

function schemaAt(schema: z.core.$ZodType, path: Path): z.core.$ZodType | null {
  let found: z.core.$ZodType | null = schema;
  for (const part of path) {
    const inner: z.core.$ZodType | null = found === null ? null : unwrapped(found);
    if (inner instanceof z.ZodObject) found = (inner.shape as Record<string, z.core.$ZodType>)[part] ?? null;
    else found = inner instanceof z.ZodArray ? inner.element : null;
  }
  return found;
}

function fieldsOf(schema: z.core.$ZodType | null): string[] {
  const inner = schema === null ? null : unwrapped(schema);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape as Record<string, z.core.$ZodType>)
    .filter(([, field]) => !(unwrapped(field) instanceof z.ZodNever))
    .map(([name]) => name);
}

function descriptionOf(schema: z.core.$ZodType | null): string | null {
  if (schema === null) return null;
  const own = schema instanceof z.ZodType ? schema.description : undefined;
  if (own !== undefined) return own;
  const inner = unwrapped(schema);
  return inner instanceof z.ZodType ? (inner.description ?? null) : null;
}
