import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { installedOnce } from '../cache.ts';
import { MissingTool } from '../missing-tool.ts';
import { runProgram } from '../run-program.ts';

const PACKAGE = '@segment/public-api-sdk-typescript';
const VERSION = '47.0.0-b8398';

/**
 * Segment's own client of its Public API, outside the project's dependencies: it is large, and what it hangs on is no longer cared
 * for. No script of it is run at installation.
 *
 * @returns the folder that has it in its node_modules
 */
export async function segmentSdk(): Promise<string> {
  try {
    return await installedOnce('segment-public-api-sdk', { PACKAGE, VERSION }, async (folder) => {
      await writeFile(join(folder, 'package.json'), '{}');
      await runProgram(
        'npm',
        ['install', '--ignore-scripts', '--no-audit', '--no-fund', `${PACKAGE}@${VERSION}`],
        { cwd: folder },
      );
    });
  } catch (error) {
    throw new MissingTool(`${PACKAGE} (${error instanceof Error ? error.message.split('\n')[0] : ''})`);
  }
}

/** Holds an answer against a model of Segment's client, and says each difference with its path. */
export type CheckModel = (model: string, value: unknown) => Promise<string[]>;

/** The models as the client declares them: each field with its type, and whether it may be missing. */
export function modelsOf(sdk: string): CheckModel {
  const folder = join(sdk, 'node_modules', PACKAGE, 'dist', 'model');
  const declared = new Map<string, Promise<Map<string, { type: string; optional: boolean }>>>();

  const fieldsOf = (model: string) => {
    const file = `${model.charAt(0).toLowerCase()}${model.slice(1)}.d.ts`;
    const fields = declared.get(model) ?? readFile(join(folder, file), 'utf8').then(parse);
    declared.set(model, fields);
    return fields;
  };

  const checkType = async (type: string, value: unknown, path: string): Promise<string[]> => {
    const alternatives = type.split(' | ');
    if (alternatives.length > 1) {
      const found = await Promise.all(alternatives.map((one) => checkType(one, value, path)));
      return found.find((differences) => differences.length === 0) ?? found[0] ?? [];
    }
    const items = /^Array<(.+)>$/.exec(type)?.[1];
    if (items !== undefined) {
      if (!Array.isArray(value)) return [`${path} is no array`];
      const found = value.map((item, index) => checkType(items, item, `${path}[${index}]`));
      return (await Promise.all(found)).flat();
    }
    if (type === 'any') return [];
    if (type === 'null') return value === null ? [] : [`${path} is not null`];
    if (['string', 'number', 'boolean'].includes(type))
      return typeof value === type ? [] : [`${path} is no ${type}`];
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return [`${path} is no ${type}, which is an object`];
    if (type.startsWith('{')) return [];
    return checkModel(type, value, path);
  };

  const checkModel = async (model: string, value: object, path: string): Promise<string[]> => {
    const fields = await fieldsOf(model);
    const given = new Map<string, unknown>(Object.entries(value));
    const unknown = [...given.keys()].filter((name) => !fields.has(name));
    const found = [...fields].map(async ([name, { optional, type }]) => {
      if (!given.has(name)) return optional ? [] : [`${path}.${name} is missing`];
      return checkType(type, given.get(name), `${path}.${name}`);
    });
    return [
      ...unknown.map((name) => `${path}.${name} is no field of ${model}`),
      ...(await Promise.all(found)).flat(),
    ];
  };

  return (model, value) => checkType(model, value, model);
}

/** `'name'?: Type;`, the type also over several lines. */
function parse(declaration: string): Map<string, { type: string; optional: boolean }> {
  const fields = [...declaration.matchAll(/^ {4}'(\w+)'(\??): ((?:\{[^}]*\}|[^;])+);$/gm)].map(
    ([, name = '', optional, type = '']) => [name, { type, optional: optional === '?' }] as const,
  );
  if (fields.length === 0) throw new Error('a model without fields');
  return new Map(fields);
}
