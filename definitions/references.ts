import type { z } from 'zod';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import {
  connectionSchemas,
  type ConnectionDefinition,
  type ResolvedChannelConnection,
  type ResolvedWarehouseConnection,
} from './connection.ts';
import { formatPath } from './fault.ts';
import { findingsOf } from './issues.ts';
import { readSmallFile } from './read-small-file.ts';
import { formatReference, isOwnVariable, piecesOf, type Piece, type Reference } from './reference-syntax.ts';
import {
  defaultClient,
  type KeyedSegmentConnection,
  type ResolvedSegmentConnection,
} from './segment-connection.ts';

export type { KeyedSegmentConnection, ResolvedSegmentConnection };

export type ResolvedConnection =
  ResolvedWarehouseConnection | ResolvedSegmentConnection | ResolvedChannelConnection;
type ResolvedAs<Type> = Extract<ResolvedConnection, { type: Type }>;

/** The environment of a worker. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * A connection with every `${VARIABLE}`, `${file:/path}` and `${secret:field}` replaced: on the worker, at each use, never stored.
 * An empty `writeKey` comes back as it is.
 *
 * Throws `reference_unresolved` naming connection, field and variable, and `definitions_invalid` when what came
 * is of the wrong form. Neither holds a value.
 */
export function resolveConnection<Definition extends ConnectionDefinition>(
  name: string,
  definition: Definition,
  env: Variables = process.env,
  secrets: Readonly<Record<string, string>> = {},
): ResolvedAs<Definition['type']> {
  const value = Object.fromEntries(
    Object.entries(definition)
      // Where it came from is nothing that a client of a server needs.
      .filter(([field, text]) => text !== undefined && field !== 'origin')
      .map(([field, text]): [string, unknown] => [
        field,
        typeof text === 'string' ? resolveText(text, { name, field, env, secrets }) : text,
      ]),
  );
  const result = connectionSchemas[definition.type].resolved.safeParse(value);
  if (!result.success) throw invalid(name, definition, result.error.issues, value);
  return withDefaults(name, result.data) as ResolvedAs<Definition['type']>;
}

function withDefaults(
  name: string,
  resolved: z.output<(typeof connectionSchemas)[ConnectionDefinition['type']]['resolved']>,
): ResolvedConnection {
  if (resolved.type !== 'segment') return resolved;
  return {
    ...resolved,
    rateLimitGroup: resolved.rateLimitGroup ?? name,
    client: resolved.client ?? defaultClient(resolved.eventsPerSecond),
  };
}

interface FieldOfConnection {
  name: string;
  field: string;
  env: Variables;
  /** Those that are stored for the connection, by field. */
  secrets: Readonly<Record<string, string>>;
}

const resolveText = (text: string, where: FieldOfConnection): string =>
  piecesOf(text)
    .map((piece) => resolvePiece(piece, where))
    .join('');

function resolvePiece(piece: Piece, where: FieldOfConnection): string {
  switch (piece.kind) {
    case 'text':
      return piece.text;
    case 'malformed':
      throw unresolved(where, 'a ${ that begins no reference');
    case 'variable': {
      if (isOwnVariable(piece.name))
        throw unresolved(where, `${formatReference(piece)}, a variable of Backhaul or Temporal itself`);
      const value = where.env[piece.name];
      if (value === undefined) throw unresolved(where, `${formatReference(piece)} is not set`);
      return value;
    }
    case 'file':
      return readReferenced(piece, where);
    case 'secret': {
      const secret = Object.hasOwn(where.secrets, piece.field) ? where.secrets[piece.field] : undefined;
      if (secret === undefined) throw unresolved(where, `${formatReference(piece)} is not stored here`);
      return secret;
    }
  }
}

function readReferenced(reference: Reference & { kind: 'file' }, where: FieldOfConnection): string {
  const file = readSmallFile(reference.path);
  if ('refused' in file) throw unresolved(where, `${formatReference(reference)} ${file.refused}`);
  // Editors and `echo` end a file with a line break that is no part of the secret.
  return file.text.replace(/\r?\n$/, '');
}

const unresolved = ({ name, field }: FieldOfConnection, what: string): BackhaulError =>
  new BackhaulError('reference_unresolved', `connection ${name}, ${field}: ${what}`);

function invalid(
  name: string,
  definition: ConnectionDefinition,
  issues: Parameters<typeof findingsOf>[1],
  value: unknown,
): BackhaulError {
  const subject = {
    schema: connectionSchemas[definition.type].resolved,
    title: 'the connection',
    value,
    quoteValues: false,
  };
  const said = findingsOf(subject, issues).map(({ path, message, fix }) => {
    const written = new Map<string, unknown>(Object.entries(definition)).get(formatPath(path));
    const references = typeof written === 'string' ? piecesOf(written).flatMap(named) : [];
    const by = references.length === 0 ? '' : ` (from ${references.join(', ')})`;
    return `${message}${by}. ${fix}`;
  });
  return new BackhaulError('definitions_invalid', `connection ${name}: ${said.join(' ')}`, {
    action: 'Mend the connection, or the variable that it refers to on every worker.',
  });
}

const named = (piece: Piece): string[] =>
  piece.kind === 'text' || piece.kind === 'malformed' ? [] : [formatReference(piece)];
