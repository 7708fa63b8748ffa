import { writtenFields, type ConnectionType } from '../../../definitions/connection.ts';
import { isLiteralSecret, secretFields, urlFields } from '../../../definitions/secrets.ts';
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

/**
 * Puts an answer where it belongs. A secret that is a reference alone stays in the definition, and so does a URL whose password is
 * one: they are none. What is stored encrypted is used as it is, so a reference in it would never be replaced.
 */
export function give(given: GivenFields, type: ConnectionType, field: string, answer: string): void {
  if (isSecretField(field) && isSecret(field, answer)) {
    given.secrets[field] = answer;
    given.fields[field] = `\${secret:${field}}`;
  } else {
    given.fields[field] = typed(type, field, answer);
  }
}

function isSecret(field: string, answer: string): boolean {
  const pieces = piecesOf(answer);
  const isText = pieces.some(({ kind }) => kind === 'text' || kind === 'malformed');
  const refers = pieces.some(({ kind }) => kind !== 'text' && kind !== 'malformed');
  if (!isText || !refers || !urlFields.includes(field)) return isText;
  if (!isLiteralSecret(field, answer)) return false;
  const action = 'Write all of it, or a reference in the place of the password.';
  throw new BackhaulError('usage', `${field}: a password beside a reference`, { action });
}

/** `field=value` of `--set`. */
export function giveSet(given: GivenFields, type: ConnectionType, settings: readonly string[]): void {
  for (const setting of settings) {
    const [, field = '', value = ''] = /^([A-Za-z]+)=(.*)$/s.exec(setting) ?? [];
    if (field === '') throw new BackhaulError('usage', '--set takes field=value');
    if (field === 'type') throw new BackhaulError('usage', '--set type: the type is the first argument');
    if (isSecretField(field) && isSecret(field, value)) {
      const action =
        "Others may see the command line of a process: pipe it in by `--secret-stdin FIELD`, or refer to a variable of the workers by --set FIELD='${VARIABLE}'.";
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
