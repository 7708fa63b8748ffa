import type { CompiledMapping } from '../mapping/compile.ts';
import { membersWriter, type RunFacts } from '../mapping/members.ts';
import { reservedTraitFindings } from '../mapping/reserved-traits.ts';
import { columnsOf, type Trait } from '../mapping/traits.ts';
import type { ColumnFacts } from '../snapshot/column-facts.ts';
import type { TraitRecap } from '../vocabulary/recap.ts';

const MOST_SAMPLES = 2;
/** Characters of a sample's JSON: a recap is to be read. */
const LONGEST_SAMPLE = 200;

/** The traits of a mapping, with what the snapshot has for each. */
export function recapTraits(mapping: CompiledMapping, facts: ColumnFacts, run: RunFacts): TraitRecap[] {
  const findings = reservedTraitFindings(mapping.sources);
  return mapping.sources.map((trait) => {
    const { name, source } = trait;
    const columns = columnsOf(trait).map((column) => column.name);
    return {
      trait: name,
      columns,
      source: source.kind,
      type: typeOf(trait),
      sourceType: source.kind === 'column' || source.kind === 'hash' ? source.column.sourceType : null,
      nullShare: nullShare(trait, mapping, facts),
      samples: samplesOf(trait, mapping, facts, run),
      warnings: findings.filter((finding) => finding.trait === name).map(({ warning }) => warning),
    };
  });
}

function typeOf({ source }: Trait): string {
  switch (source.kind) {
    case 'column':
      return source.type === null ? source.column.kind : `${source.column.kind} as ${source.type}`;
    case 'hash':
      return `SHA-256 of ${source.column.kind}`;
    case 'template':
      return source.type ?? 'string';
    case 'constant':
      return source.constant === null ? 'null' : typeof source.constant;
    case 'run':
      return 'string';
  }
}

function nullShare({ source }: Trait, { columns }: CompiledMapping, facts: ColumnFacts): number | null {
  switch (source.kind) {
    case 'column':
    case 'hash': {
      const place = columns.findIndex(({ name }) => name === source.column.name);
      return facts.rows === 0 ? 0 : (facts.nulls[place] ?? 0) / facts.rows;
    }
    case 'constant':
      return source.constant === null ? 1 : 0;
    case 'run':
      return 0;
    case 'template':
      return null;
  }
}

/** Values of the first rows that have one, each once, as they are sent. */
function samplesOf(trait: Trait, mapping: CompiledMapping, facts: ColumnFacts, run: RunFacts): unknown[] {
  const alone: Trait = { ...trait, path: [ALONE], nulls: 'omit', onError: 'omit' };
  const write = membersWriter([alone], mapping.columns, run);
  const texts = new Set<string>();
  for (const row of facts.samples) {
    // One that was cut is invalid as a whole.
    if (row.length !== mapping.columns.length) continue;
    const written = write(row);
    if (typeof written !== 'string' || written === '') continue;
    texts.add(written.slice(BEFORE_VALUE));
    if (texts.size === MOST_SAMPLES) break;
  }
  return [...texts].map((text) =>
    text.length > LONGEST_SAMPLE ? `${text.slice(0, LONGEST_SAMPLE)}…` : (JSON.parse(text) as unknown),
  );
}

const ALONE = 'value';
const BEFORE_VALUE = `${JSON.stringify(ALONE)}:`.length;
