import { writtenFields, type ConnectionType } from '../../../definitions/connection.ts';
import { secretFields, urlFields } from '../../../definitions/secrets.ts';
import { piecesOf } from '../../../definitions/reference-syntax.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';

/** Fields of a connection as they were answered, and those of them that are secrets, apart. */
export interface GivenFields {
  fields: Record<string, unknown>;
  secrets: Record<string, string>;
}

/** Fields whose answer is not shown and is kept apart: a URL may hold a password. */
export const isSecretField = (field: string): boolean =>
  secretFields.includes(field) || urlFields.includes(field);

/** Puts an answer where it belongs. A secret that is a reference alone stays in the definition: it is none. */
export function give(given: GivenFields, type: ConnectionType, field: string, answer: string): void {
  const isText = piecesOf(answer).some((piece) => piece.kind === 'text' || piece.kind === 'malformed');
  if (isSecretField(field) && isText) {
    given.secrets[field] = answer;
    given.fields[field] = `\${secret:${field}}`;
  } else {
    given.fields[field] = typed(type, field, answer);
  }
}

/** `field=value` of `--set`. */
export function giveSet(given: GivenFields, type: ConnectionType, settings: readonly string[]): void {
  for (const setting of settings) {
    const [, field = '', value = ''] = /^([A-Za-z]+)=(.*)$/s.exec(setting) ?? [];
    if (field === '') throw new BackhaulError('usage', '--set takes field=value');
    if (isSecretField(field)) {
      const action = 'Others may see the command line of a process: pipe it in by `--secret-stdin FIELD`.';
      throw new BackhaulError('usage', `--set ${field}: this field is a secret`, { action });
    }
    give(given, type, field, value);
  }
}

/** An answer is text; some fields are numbers, or yes and no. */
function typed(type: ConnectionType, field: string, answer: string): unknown {
  const schema = writtenFields(type).get(field);
  if (schema === undefined || schema.safeParse(answer).success) return answer;
  const others = [Number(answer), answer === 'true' ? true : answer === 'false' ? false : undefined];
  return others.find((value) => value !== undefined && schema.safeParse(value).success) ?? answer;
}
