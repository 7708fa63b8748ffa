import { has, isFields, type Fields } from './checked.ts';
import { formatPath, type Path } from './fault.ts';
import type { Finding } from './issues.ts';
import { entrySources } from './mapping-entry.ts';
import { nearestName } from './nearest.ts';
import { readTemplate } from './template.ts';
import { parseTraitPath, pathName, pathRegister } from './trait-path.ts';

const FIX = 'Write { from: column, to: trait } or { constant: value, to: trait }.';

/** What the entries of a list say together, beyond the form of each. */
export function mappingFindings(at: Path, mapping: unknown): Finding[] {
  if (!Array.isArray(mapping)) return [];
  const targets = pathRegister<{ entry: string; name: string }>();
  return mapping.flatMap((entry: unknown, index): Finding[] => {
    if (!isFields(entry)) return [];
    const path = [...at, index];
    const findings = [
      ...sourceFindings(entry, path),
      ...optionFindings(entry, path),
      ...templateFindings(entry, path),
    ];
    const target = typeof entry.to === 'string' ? parseTraitPath(entry.to) : null;
    if (target !== null) {
      const other = targets.clash(target);
      if (other === undefined) targets.add(target, { entry: formatPath(path), name: pathName(target) });
      else findings.push(clash([...path, 'to'], pathName(target), other));
    }
    return findings;
  });
}

/** An entry sends one thing. */
function sourceFindings(entry: Fields, path: Path): Finding[] {
  const [first, ...others] = entrySources.filter((field) => has(entry, field));
  if (first === undefined) {
    // "form" is no field, and is told so.
    if (Object.keys(entry).some((field) => nearestName(field, entrySources) !== null)) return [];
    const message = `this mapping has none of ${entrySources.map((field) => `"${field}"`).join(', ')}`;
    return [{ path, at: 'value', absence: true, message, fix: FIX }];
  }
  return others.map((field) => ({
    path: [...path, field],
    at: 'key',
    message: `"${field}" is given beside "${first}"`,
    fix: FIX,
  }));
}

/** The options that mean nothing for what an entry sends. */
const meaningless: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  constant: { type: 'Write the constant in the type that it has.', onError: 'Leave it out.' },
  hash: { type: 'Leave it out: a hash is a text.' },
  run: { type: 'Leave it out.', onError: 'Leave it out.', nulls: 'Leave it out.' },
};

const optionFindings = (entry: Fields, path: Path): Finding[] =>
  Object.entries(meaningless).flatMap(([source, options]) =>
    has(entry, source)
      ? Object.entries(options)
          .filter(([option]) => has(entry, option))
          .map(([option, fix]): Finding => ({
            path: [...path, option],
            at: 'key',
            message: `"${option}" means nothing beside "${source}"`,
            fix,
          }))
      : [],
  );

function templateFindings({ template }: Fields, path: Path): Finding[] {
  if (typeof template !== 'string' || template.trim() === '') return [];
  const read = readTemplate(template);
  return 'columns' in read
    ? []
    : [{ path: [...path, 'template'], at: 'value', message: `the template ${read.fault}`, fix: read.fix }];
}

function clash(path: Path, name: string, other: { entry: string; name: string }): Finding {
  const message =
    name === other.name
      ? `the trait "${name}" is mapped twice; first by ${other.entry}`
      : `the trait "${name}" and "${other.name}" of ${other.entry} cannot both be: one is inside of the other`;
  const dot = name === other.name ? '' : ' A dot that belongs to a name is written \\.';
  return { path, at: 'value', message, fix: `Give one of them another name, or remove it.${dot}` };
}
