/**
 * References in connection fields: `${VARIABLE}` of the environment and `${file:/path}`. `$${` is a plain `${`.
 * `${secret:field}` is what `backhaul connect` has stored encrypted for this connection.
 *
 * @module
 */

export type Reference =
  { kind: 'variable'; name: string } | { kind: 'file'; path: string } | { kind: 'secret'; field: string };

export type Piece = { kind: 'text'; text: string } | { kind: 'malformed' } | Reference;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Backhaul's and Temporal's own variables hold the keys of the installation: no connection may read them. */
export const isOwnVariable = (name: string): boolean => /^(BACKHAUL|TEMPORAL)_/i.test(name);

function referenceIn(inside: string): Piece {
  if (VARIABLE.test(inside)) return { kind: 'variable', name: inside };
  // A relative path would mean something else on each worker.
  if (/^file:\/./.test(inside)) return { kind: 'file', path: inside.slice('file:'.length) };
  const field = /^secret:([A-Za-z]+)$/.exec(inside)?.[1];
  return field === undefined ? { kind: 'malformed' } : { kind: 'secret', field };
}

/** Cuts a field's text into plain text and references. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  const pattern = /\$\$\{|\$\{([^}]*)(\}?)/g;
  let from = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match.index > from) pieces.push({ kind: 'text', text: text.slice(from, match.index) });
    const [whole, inside = '', closed] = match;
    if (whole === '$${') pieces.push({ kind: 'text', text: '${' });
    else pieces.push(closed === '}' ? referenceIn(inside) : { kind: 'malformed' });
    from = match.index + whole.length;
  }
  if (from < text.length) pieces.push({ kind: 'text', text: text.slice(from) });
  return pieces;
}

export const referencesIn = (text: string): Reference[] =>
  piecesOf(text).filter((piece) => piece.kind !== 'text' && piece.kind !== 'malformed');

export function formatReference(reference: Reference): string {
  switch (reference.kind) {
    case 'variable':
      return `\${${reference.name}}`;
    case 'file':
      return `\${file:${reference.path}}`;
    case 'secret':
      return `\${secret:${reference.field}}`;
  }
}

/** The stored secrets that the fields of a connection refer to. */
export const storedSecretsIn = (connection: object): string[] =>
  Object.values(connection).flatMap((value: unknown) =>
    typeof value === 'string'
      ? referencesIn(value).flatMap((reference) => (reference.kind === 'secret' ? [reference.field] : []))
      : [],
  );

/** Whether plain text (SQL, a trait) holds what someone meant as a reference. `$${a}$$` is SQL's own quoting. */
export const looksLikeReference = (text: string): boolean =>
  /(?<!\$)\$\{(?:[A-Za-z_][A-Za-z0-9_]*\}|file:|secret:)/.test(text);
