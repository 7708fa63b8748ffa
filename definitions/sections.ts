import { isFields } from './checked.ts';
import type { Path } from './fault.ts';
import { kindOf, type Finding } from './issues.ts';
import { isName, NAME_RULE } from './name.ts';
import { suggestName } from './nearest.ts';
import { looksLikeReference } from './reference-syntax.ts';
import { definitionKinds, DOCUMENT_VERSION, sectionOf, type DefinitionKind } from './schema.ts';

/** One definition as a file has it, unchecked. */
export interface Written {
  kind: DefinitionKind;
  name: string;
  path: Path;
  value: unknown;
}

/** Takes a document apart into its definitions. */
export function takeApart(document: unknown): { written: Written[]; findings: Finding[] } {
  if (document === null || document === undefined) return { written: [], findings: [] };
  if (!isFields(document)) {
    const message = `a definition file is an object with fields, not ${kindOf(document)}`;
    return { written: [], findings: [{ path: [], at: 'value', message, fix: 'Begin with version: 1.' }] };
  }
  const sections = definitionKinds.map((kind) => takeSection(kind, document[sectionOf[kind]]));
  return {
    written: sections.flatMap(({ written }) => written),
    findings: [
      ...unknownSections(Object.keys(document)),
      ...versionFindings(document.version),
      ...sections.flatMap(({ findings }) => findings),
    ],
  };
}

function unknownSections(names: readonly string[]): Finding[] {
  const known = ['version', ...definitionKinds.map((kind) => sectionOf[kind])];
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: [name],
      at: 'key',
      message: `"${name}" is not a section of a definition file`,
      fix: suggestName(name, known, ''),
    }));
}

function versionFindings(version: unknown): Finding[] {
  if (version === undefined || version === DOCUMENT_VERSION) return [];
  const message =
    typeof version === 'string' && looksLikeReference(version)
      ? '"version" holds a ${…} reference, and only fields of connections may'
      : '"version" is not one that this program reads';
  return [{ path: ['version'], at: 'value', message, fix: `Write version: ${DOCUMENT_VERSION}.` }];
}

function takeSection(kind: DefinitionKind, section: unknown): { written: Written[]; findings: Finding[] } {
  const path = [sectionOf[kind]];
  if (section === undefined || section === null) return { written: [], findings: [] };
  if (!isFields(section)) {
    const message = `"${sectionOf[kind]}" is ${kindOf(section)}, not an object with a field for each ${kind}`;
    return {
      written: [],
      findings: [{ path, at: 'value', message, fix: `Write the name of a ${kind}, then its fields.` }],
    };
  }
  const findings = Object.keys(section)
    .filter((name) => !isName(name))
    .map((name): Finding => ({
      path: [...path, name],
      at: 'key',
      message: `"${name.slice(0, 120)}" cannot be the name of a ${kind}`,
      fix: NAME_RULE,
    }));
  const written = Object.entries(section)
    .filter(([name]) => isName(name))
    .map(([name, value]) => ({ kind, name, path: [...path, name], value }));
  return { written, findings };
}
