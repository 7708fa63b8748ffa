import { checkConnection } from '../../../definitions/check-connection.ts';
import { writtenFields, type ConnectionType } from '../../../definitions/connection.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { ConnectionWithSecrets } from '../../store-connection.ts';
import type { CliIo } from '../io.ts';
import { give, isSecretField, type GivenFields } from './given-fields.ts';

/** What a prompt takes of a pasted file: each line break ends an answer, and the rest would answer what is asked next. */
const BEGINS_A_FILE = /^\s*\{\s*$|^-----BEGIN [^-]*-----\s*$/;

/** Asks for what a connection needs and was not given, until the definition is sound. */
export async function askFields(
  io: CliIo,
  type: Exclude<ConnectionType, 'segment'>,
  name: string,
  given: GivenFields,
): Promise<ConnectionWithSecrets> {
  const fields = writtenFields(type);
  const describe = (field: string): string => fields.get(field)?.description ?? '';
  const open = (): string[] => [...fields.keys()].filter((field) => !(field in given.fields));
  const ask = async (field: string, optional: boolean): Promise<void> => {
    if (io.ask === null) return;
    const hint = describe(field);
    const answer = isSecretField(field)
      ? await io.ask.secret(`${field} (${hint})`)
      : await io.ask.text(field, { hint, optional });
    if (BEGINS_A_FILE.test(answer)) {
      const action = `Pipe it in by \`--secret-stdin ${field} < FILE\`, or answer \${file:/path} of a file that every worker has.`;
      throw new BackhaulError('usage', `${field}: only its first line arrived`, { action });
    }
    if (answer !== '') give(given, type, field, answer);
  };

  const isRequired = (field: string): boolean => fields.get(field)?.safeParse(undefined).success === false;
  for (const field of open().filter(isRequired)) await ask(field, false);
  for (let round = 0; ; round += 1) {
    const { definition, findings } = checkConnection(name, { type, ...given.fields });
    const mayAsk = io.ask !== null;
    // In the first round a person may want to give more than what has to be there.
    if (definition !== null && !(mayAsk && round === 0)) return { definition, secrets: given.secrets };
    const said = findings.map(({ fix, message }) => `${message}. ${fix}`);
    if (io.ask === null) throw new BackhaulError('definitions_invalid', said.join(' '));
    for (const line of said) io.err(line);
    for (const { path } of findings) {
      delete given.fields[String(path[0])];
      delete given.secrets[String(path[0])];
    }
    const choices = open().map((field) => ({ value: field, label: field, hint: describe(field) }));
    const chosen =
      choices.length === 0 ? [] : await io.ask.choose('Which of these do you want to give?', choices, true);
    for (const field of chosen) await ask(field, true);
    if (definition !== null && chosen.length === 0) return { definition, secrets: given.secrets };
  }
}
