import { hostsOf } from './hosts.ts';
import { piecesOf } from './reference-syntax.ts';

/**
 * Hosts of a connection that the operator has chosen, not its sender: those that come whole from a variable or a file.
 *
 * @param written as it is stored
 * @param resolved the same with its references replaced
 */
export function operatorHosts(written: object, resolved: object): string[] {
  const values = new Map<string, unknown>(Object.entries(resolved));
  return Object.entries(written).flatMap(([field, text]) =>
    typeof text === 'string' && hostIsReference(field, text)
      ? hostsOf({ [field]: values.get(field) }).map(([, host]) => host)
      : [],
  );
}

const STANDS_FOR = /^operator-\d+\.invalid$/;

/** Asks the parser of addresses where a reference ends up. Of `http://${HOST}.example.com` the sender chooses most. */
function hostIsReference(field: string, text: string): boolean {
  const pieces = piecesOf(text);
  const isOperators = pieces.map(({ kind }) => kind === 'variable' || kind === 'file');
  if (pieces.length === 1) return isOperators[0] === true;
  const parts = pieces.map((piece, at) =>
    piece.kind === 'text' ? piece.text : `${isOperators[at] === true ? 'operator' : 'other'}-${at}.invalid`,
  );
  const hosts = hostsOf({ [field]: parts.join('') });
  return hosts.length > 0 && hosts.every(([, host]) => STANDS_FOR.test(host));
}
