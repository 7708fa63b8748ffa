import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { checkAlert } from './alert.ts';
import { checkConnection } from './check-connection.ts';
import { checkModel } from './check-model.ts';
import { checkSync } from './check-sync.ts';
import type { Checked } from './checked.ts';
import { crossCheck } from './cross-check.ts';
import { sortFaults, type Fault } from './fault.ts';
import type { Finding } from './issues.ts';
import { noDefinitions, type Definitions } from './schema.ts';
import { takeApart, type Written } from './sections.ts';
import { readYaml, type YamlFile } from './yaml-document.ts';

export interface DefinitionFile {
  /** As faults name it. */
  path: string;
  text: string;
  /** Where `sqlFile` is looked for; the folder of `path` when it is not given. */
  folder?: string;
}

export interface ParsedDefinitions {
  /** What is sound; complete only when there is no fault. */
  definitions: Definitions;
  /** All of them, in the order of the files. */
  faults: Fault[];
  /** Worth mending; nothing is refused for them. */
  warnings: Fault[];
}

interface Source {
  file: YamlFile;
  folder: string;
  written: Written[];
}

/**
 * Reads definition files together: syntax, fields, names, and what refers to what. Reports every fault at its
 * place, and reads no file but those that `sqlFile` names.
 *
 * @param installed what else there is, that they may refer to
 */
export function parseDefinitions(
  files: readonly DefinitionFile[],
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
  installed: Definitions = noDefinitions(),
): ParsedDefinitions {
  const definitions = noDefinitions();
  const faults: Fault[] = [];
  const warnings: Fault[] = [];
  const sources = files.map(({ path, text, folder }): Source => {
    const file = readYaml(path, text);
    const { written, findings } = takeApart(file.value);
    faults.push(...file.faults, ...placed(file, [], findings));
    warnings.push(...file.warnings, ...emptyFile(file));
    return { file, folder: folder ?? dirname(path), written };
  });
  const { by, faults: duplicates } = namesOf(sources, installed);
  faults.push(...duplicates);
  const broken = sources.some(({ file }) => file.brokenFrom !== null);

  for (const { file, folder, written } of sources) {
    const readSql = (path: string): string => readFile(isAbsolute(path) ? path : join(folder, path));
    for (const one of written) {
      const checked = check(one, definitions, readSql);
      // What is missing may stand in the part of a file that could not be read.
      const across = crossCheck(one, { by, complete: false }).filter(
        ({ absence }) => !broken || absence !== true,
      );
      const [wrong, unsure] = [across.filter(isWrong), across.filter((finding) => !isWrong(finding))];
      faults.push(...placed(file, one.path, [...checked.findings, ...wrong]));
      warnings.push(...placed(file, one.path, [...checked.warnings, ...unsure]));
    }
  }
  const order = files.map(({ path }) => path);
  return { definitions, faults: sortFaults(faults, order), warnings: sortFaults(warnings, order) };
}

/** Whether a connection is in the installation, no file tells. */
const isWrong = ({ code }: Finding): boolean => code !== 'connection_elsewhere';

/** Checks one definition, and adds it when it is sound. */
function check(
  { kind, name, value }: Written,
  into: Definitions,
  readSql: (path: string) => string,
): Checked<unknown> {
  const add = <Definition>(
    section: Record<string, Definition>,
    checked: Checked<Definition>,
  ): Checked<Definition> => {
    if (checked.definition !== null) section[name] = checked.definition;
    return checked;
  };
  switch (kind) {
    case 'connection':
      return add(into.connections, checkConnection(name, value));
    case 'model':
      return add(into.models, checkModel(name, value, readSql));
    case 'sync':
      return add(into.syncs, checkSync(name, value));
    case 'alert':
      return add(into.alerts, checkAlert(name, value));
  }
}

function placed(file: YamlFile, parent: Written['path'], findings: readonly Finding[]): Fault[] {
  return findings.flatMap(({ path, at, absence, ...text }) => {
    const whole = [...parent, ...path];
    const { start, end } = file.placeOf(whole, at);
    const unsure = file.brokenFrom !== null && (absence === true || end >= file.brokenFrom);
    return unsure ? [] : [file.fault({ start, path: whole }, text)];
  });
}

function namesOf(sources: readonly Source[], installed: Definitions) {
  const by = {
    connection: new Map<string, unknown>(Object.entries(installed.connections)),
    model: new Map<string, unknown>(Object.entries(installed.models)),
    sync: new Map<string, unknown>(Object.entries(installed.syncs)),
    alert: new Map<string, unknown>(Object.entries(installed.alerts)),
  };
  const first = new Map<string, Fault>();
  const faults = sources.flatMap(({ file, written }) =>
    written.flatMap(({ kind, name, path, value }): Fault[] => {
      const { start } = file.placeOf(path, 'key');
      const before = first.get(`${kind} ${name}`);
      if (before === undefined) {
        by[kind].set(name, value);
        first.set(`${kind} ${name}`, file.fault({ start, path }, { message: '', fix: '' }));
        return [];
      }
      const message = `the ${kind} "${name}" is defined twice; first at ${before.file}:${before.line}:${before.column}`;
      return [file.fault({ start, path }, { message, fix: 'Remove one, or give it another name.' })];
    }),
  );
  return { by, faults };
}

const emptyFile = (file: YamlFile): Fault[] =>
  file.value === null && file.faults.length === 0
    ? [
        file.fault(
          { start: 0, path: [] },
          {
            code: 'empty_file',
            message: 'the file holds no definitions',
            fix: 'Write some, or remove the file.',
          },
        ),
      ]
    : [];
