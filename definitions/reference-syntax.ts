/**
 * References in connection fields: `${VARIABLE}` of the environment and `${file:/path}`. `$${` is a plain `${`.
 *
 * @module
 */

export type Reference = { kind: 'variable'; name: string } | { kind: 'file'; path: string };

export type Piece = { kind: 'text'; text: string } | { kind: 'malformed' } | Reference;

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Backhaul's and Temporal's own variables hold the keys of the installation: no connection may read them. */
export const isOwnVariable = (name: string): boolean => /^(BACKHAUL|TEMPORAL)_/i.test(name);

function referenceIn(inside: string): Piece {
  if (VARIABLE.test(inside)) return { kind: 'variable', name: inside };
  // A relative path would mean something else on each worker.
  if (/^file:\/./.test(inside)) return { kind: 'file', path: inside.slice('file:'.length) };
  return { kind: 'malformed' };
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
  piecesOf(text).filter((piece) => piece.kind === 'variable' || piece.kind === 'file');

export const formatReference = (reference: Reference): string =>
  reference.kind === 'variable' ? `\${${reference.name}}` : `\${file:${reference.path}}`;

/** Whether plain text (SQL, a trait) holds what someone meant as a reference. `$${a}$$` is SQL's own quoting. */
export const looksLikeReference = (text: string): boolean =>
  /(?<!\$)\$\{(?:[A-Za-z_][A-Za-z0-9_]*\}|file:)/.test(text);
