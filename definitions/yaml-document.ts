import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { doubleKeeps } from '../vocabulary/decimal-text.ts';
import { formatPath, type Fault, type FaultCode, type Path } from './fault.ts';
import { yamlErrors } from './yaml-errors.ts';

/** Offsets into the text. */
export interface Place {
  start: number;
  end: number;
}

/** A definition file that was read: its value, and where each part of it stands. */
export interface YamlFile {
  path: string;
  value: unknown;
  faults: Fault[];
  warnings: Fault[];
  /** Offset of the first fault of syntax. What stands behind it may be read wrongly; what stands before it is sure. */
  brokenFrom: number | null;
  /** Where the key or the value at a path stands, or its nearest parent that is there. */
  placeOf: (path: Path, at: 'key' | 'value') => Place;
  fault: (
    at: { start: number; path: Path },
    text: { code?: FaultCode; message: string; fix: string },
  ) => Fault;
}

export function readYaml(path: string, text: string): YamlFile {
  const lines = new LineCounter();
  // Pretty errors would quote the line, which may hold a password.
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    merge: true,
    logLevel: 'error',
  });
  const fault: YamlFile['fault'] = ({ start, path: where }, { code = 'invalid', message, fix }) => {
    const { line, col } = lines.linePos(Math.min(start, text.length));
    return {
      code,
      file: path,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path: formatPath(where),
      message,
      fix,
    };
  };
  const explain = ({ code, pos }: { code: string; pos: [number, number] }): Fault =>
    fault(
      { start: pos[0], path: [] },
      { code: 'yaml', ...(yamlErrors[code] ?? yamlErrors.UNEXPECTED_TOKEN) },
    );
  const faults = [
    ...document.errors.map(explain),
    ...lossyFractions(document).map((start) => fault({ start, path: [] }, lossyFraction)),
  ];
  // A key that occurs twice does not make the rest of the file unsure.
  const broken = document.errors.filter(({ code }) => code !== 'DUPLICATE_KEY').map(({ pos }) => pos[0]);
  const value = valueOf(document);
  if (value.failed) {
    faults.push(fault({ start: 0, path: [] }, { code: 'yaml', ...yamlErrors.BAD_ALIAS }));
    broken.push(0);
  }
  return {
    path,
    value: value.value,
    faults,
    warnings: document.warnings.map(explain),
    brokenFrom: broken.length === 0 ? null : Math.min(...broken),
    placeOf: (where, at) => placeOf(document, where, at),
    fault,
  };
}

const lossyFraction = {
  message: 'a number that would lose digits',
  fix: 'Put it in quotes if it is meant as text, or write fewer digits.',
};

/** Where fractions stand of which a double keeps only some digits; of whole numbers the fields themselves tell. */
function lossyFractions(document: Document): number[] {
  const starts: number[] = [];
  visit(document, {
    Scalar(_, { range, source, value }) {
      if (typeof value !== 'number' || !Number.isFinite(value) || Number.isInteger(value)) return;
      const written = source?.replace(/^\+/, '') ?? '';
      if (!doubleKeeps(written) && range) starts.push(range[0]);
    },
  });
  return starts;
}

/** An alias without an anchor, one that unfolds without end, or one that stands in its own anchor shows itself only here. */
function valueOf(document: Document): { value: unknown; failed: boolean } {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 });
    return holdsItself(value) ? { value: null, failed: true } : { value, failed: false };
  } catch {
    return { value: null, failed: true };
  }
}

/** `&a { b: *a }`: whoever walks such a value never comes back. */
function holdsItself(value: unknown, above: readonly object[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (above.includes(value)) return true;
  const parts = value instanceof Map || value instanceof Set ? [...value.values()] : Object.values(value);
  return parts.some((part) => holdsItself(part, [...above, value]));
}

function placeOf(document: Document, path: Path, at: 'key' | 'value'): Place {
  let node = resolved(document, document.contents);
  let place = rangeOf(document.contents) ?? { start: 0, end: 0 };
  for (const [index, part] of path.entries()) {
    if (isMap(node)) {
      const pair = pairOf(document, node, String(part));
      if (pair === undefined) break;
      const value = isNode(pair.value) ? pair.value : null;
      // Of a parent, the key is where the eye looks; of the thing itself, what was asked for.
      const wanted = index === path.length - 1 && at === 'value' ? writtenRange(value) : undefined;
      place = wanted ?? rangeOf(isNode(pair.key) ? pair.key : null) ?? place;
      node = resolved(document, value);
    } else if (isSeq(node) && typeof part === 'number') {
      const item: unknown = node.items[part];
      if (!isNode(item)) break;
      place = rangeOf(item) ?? place;
      node = resolved(document, item);
    } else break;
  }
  return place;
}

const rangeOf = (node: Node | null): Place | undefined =>
  node?.range ? { start: node.range[0], end: node.range[1] } : undefined;

/** A value that is left empty has a place all the same, but the key says more. */
const writtenRange = (value: Node | null): Place | undefined =>
  isScalar(value) && value.value === null && (value.source ?? '') === '' ? undefined : rangeOf(value);

const resolved = (document: Document, node: Node | null): Node | null =>
  isAlias(node) ? (node.resolve(document) ?? null) : node;

/** Also looks into `<<`. */
function pairOf(document: Document, map: YAMLMap, name: string): Pair | undefined {
  const named = (pair: Pair, key: string): boolean => isScalar(pair.key) && String(pair.key.value) === key;
  const own = map.items.find((pair) => named(pair, name));
  if (own !== undefined) return own;
  for (const pair of map.items) {
    const merged =
      isScalar(pair.key) && pair.key.source === '<<' && isNode(pair.value)
        ? resolved(document, pair.value)
        : null;
    const found = isMap(merged) && merged !== map ? pairOf(document, merged, name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
