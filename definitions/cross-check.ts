import { afterFindings } from './check-after.ts';
import { censusIdFindings } from './check-census-id.ts';
import {
  connectionSchemas,
  isChannelType,
  isConnectionType,
  isWarehouseType,
  type ConnectionType,
} from './connection.ts';
import { has, isFields, type Fields } from './checked.ts';
import type { Path } from './fault.ts';
import type { Finding } from './issues.ts';
import { modelContentFields } from './model.ts';
import { nearestName, suggestName } from './nearest.ts';
import { sectionOf, type DefinitionKind } from './schema.ts';
import type { Written } from './sections.ts';

/** Definitions that others may refer to. */
export interface Known {
  /** By kind and name, faulty ones too: a fault in a model is not also a fault of its sync. */
  by: Readonly<Record<DefinitionKind, ReadonlyMap<string, unknown>>>;
  /** False for files alone: the installation may hold connections that no file has. */
  complete: boolean;
}

/** What a definition says of others: that they are there, and of a kind that can do it. */
export function crossCheck(
  { kind, name, value }: Pick<Written, 'kind' | 'name' | 'value'>,
  known: Known,
): Finding[] {
  if (!isFields(value)) return [];
  const refer = (field: string, to: DefinitionKind, use?: Use): Finding[] => {
    const target = value[field];
    return typeof target === 'string' && target.trim() !== ''
      ? reference(`the ${kind} "${name}"`, { path: [field], to, target, use }, known)
      : [];
  };
  if (kind === 'model') {
    return [...refer('connection', 'connection', 'warehouse'), ...formFindings(name, value, known)];
  }
  if (kind === 'sync') {
    return [
      ...refer('model', 'model'),
      ...refer('destination', 'connection', 'segment'),
      ...writebackReference(name, value, known),
      ...afterFindings(name, value, known.by.sync),
      ...censusIdFindings(name, value, known.by.sync),
    ];
  }
  if (kind === 'alert') return alertReferences(name, value, known);
  return [];
}

/** Where an alert goes to, and the syncs that it names. */
function alertReferences(name: string, alert: Fields, known: Known): Finding[] {
  const owner = `the alert "${name}"`;
  return (['to', 'syncs', 'except'] as const).flatMap((field) => {
    const named = alert[field];
    if (!Array.isArray(named)) return [];
    return named.flatMap((target: unknown, position) => {
      if (typeof target !== 'string' || target.trim() === '') return [];
      const path = [field, position];
      return field === 'to'
        ? reference(owner, { path, to: 'connection', target, use: 'channel' }, known)
        : reference(owner, { path, to: 'sync', target, use: undefined }, known);
    });
  });
}

/** The connection that a sync writes the outcomes of its runs to. */
function writebackReference(name: string, { writeback }: Fields, known: Known): Finding[] {
  const postgres = isFields(writeback) ? writeback.postgres : undefined;
  const target = isFields(postgres) ? postgres.connection : undefined;
  if (typeof target !== 'string' || target.trim() === '') return [];
  const path = ['writeback', 'postgres', 'connection'];
  return reference(`the sync "${name}"`, { path, to: 'connection', target, use: 'writeback' }, known);
}

/** A model says what it reads in a way that its warehouse has. */
function formFindings(name: string, model: Fields, known: Known): Finding[] {
  const connection =
    typeof model.connection === 'string' ? known.by.connection.get(model.connection) : undefined;
  const type = typeOf(connection);
  if (type === null || !isWarehouseType(type)) return [];
  const forms: readonly string[] = connectionSchemas[type].models;
  const fields = modelContentFields.filter((field) => forms.includes(field === 'sqlFile' ? 'sql' : field));
  return modelContentFields
    .filter((field) => has(model, field) && !fields.includes(field))
    .map((field) => ({
      path: [field],
      at: 'key',
      message: `the model "${name}" has "${field}", which connections of type ${type} do not read`,
      fix: `Use ${fields.join(' or ')}.`,
    }));
}

/** What a connection is used as. */
type Use = 'warehouse' | 'segment' | 'writeback' | 'channel';

function reference(
  owner: string,
  { path, to, target, use }: { path: Path; to: DefinitionKind; target: string; use: Use | undefined },
  known: Known,
): Finding[] {
  const fits = (value: unknown): boolean => use === undefined || usableAs(value, use) !== false;
  const candidates = [...known.by[to]].filter(([, value]) => fits(value)).map(([name]) => name);
  const ifNone = `Add it under ${sectionOf[to]}.`;
  if (!known.by[to].has(target)) {
    if (!known.complete && to === 'connection' && nearestName(target, candidates) === null)
      return [elsewhere(owner, path, target)];
    const message = `${owner} names a ${to} that does not exist: "${target}"`;
    return [{ path, at: 'value', absence: true, message, fix: suggestName(target, candidates, ifNone) }];
  }
  if (fits(known.by[to].get(target))) return [];
  const message = misused(owner, target, use, known.by[to].get(target));
  const fix =
    candidates.length === 0
      ? `Add one under ${sectionOf[to]}.`
      : `Use one of ${candidates.sort().join(', ')}.`;
  return [{ path, at: 'value', message, fix }];
}

const elsewhere = (owner: string, path: Path, target: string): Finding => ({
  path,
  at: 'value',
  code: 'connection_elsewhere',
  absence: true,
  message: `${owner} names a connection that is not in these files: "${target}"`,
  fix: 'Add it under connections, unless `backhaul connect` has stored it.',
});

function misused(owner: string, target: string, use: Use | undefined, connection: unknown): string {
  if (use === 'segment') return `${owner} has a destination that is no segment connection: "${target}"`;
  if (use === 'channel') return `${owner} goes to a connection that is no webhook and no slack: "${target}"`;
  if (use === 'writeback')
    return `${owner} writes back to a connection that is not postgres with writable: true: "${target}"`;
  return isWritable(connection)
    ? `${owner} reads from a connection that is for write-back, with writable: true: "${target}"`
    : `${owner} has a connection that is no warehouse: "${target}"`;
}

/** Null when the connection does not say what it is: that is its own fault already. */
function usableAs(connection: unknown, use: Use): boolean | null {
  const type = typeOf(connection);
  if (type === null) return null;
  switch (use) {
    case 'segment':
      return type === 'segment';
    case 'writeback':
      return type === 'postgres' && isWritable(connection);
    case 'warehouse':
      return isWarehouseType(type) && !isWritable(connection);
    case 'channel':
      return isChannelType(type);
  }
}

/** One that results are written to is not read from: what a model reads stays what nothing of ours can write. */
const isWritable = (connection: unknown): boolean => isFields(connection) && connection.writable === true;

function typeOf(connection: unknown): ConnectionType | null {
  const type = isFields(connection) ? connection.type : undefined;
  return typeof type === 'string' && isConnectionType(type) ? type : null;
}
