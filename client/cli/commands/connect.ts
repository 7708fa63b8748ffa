import type { Command } from 'commander';
import { connectionSchemas, isConnectionType, type ConnectionType } from '../../../definitions/connection.ts';
import { isName, NAME_RULE } from '../../../definitions/name.ts';
import { suggestName } from '../../../definitions/nearest.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { Backhaul } from '../../backhaul.ts';
import { findInstallation } from '../../environment.ts';
import type { ConnectionWithSecrets } from '../../store-connection.ts';
import type { Cli } from '../cli.ts';
import { askSegment } from '../connect/ask-segment.ts';
import { askFields } from '../connect/ask-fields.ts';
import { refuseSenseless, type ConnectOptions } from '../connect/connect-options.ts';
import type { ExploreCredential } from '../connect/explore.ts';
import { give, giveSet, isSecretField, type GivenFields } from '../connect/given-fields.ts';
import { printYaml } from '../connect/print-yaml.ts';
import { errorOf, printJson } from '../output.ts';
import { printCheck } from '../print-check.ts';

const collect = (value: string, before: string[]): string[] => [...before, value];

/** @param explore asks Segment what a token opens */
export function connectCommand(program: Command, cli: Cli, explore: ExploreCredential): void {
  program
    .command('connect')
    .description('ask for what a connection needs, test it, and store it with its secrets encrypted')
    .argument('<type>', Object.keys(connectionSchemas).join(', '))
    .argument('[name]', 'of the connection; without it: the type')
    .option('--token-stdin', 'segment: read a token of the Public API from standard input')
    .option('--write-key-stdin', 'segment: read a write key from standard input')
    .option('--source <slug>', 'segment: the source to connect, by slug or id; may be repeated', collect, [])
    .option('--set <field=value>', 'a field that is not to be asked for; may be repeated', collect, [])
    .option('--secret-stdin <field>', 'read this field from standard input')
    .option('--yaml', 'print it as YAML with references to variables; store nothing')
    .option('--no-check', 'do not test it')
    .option('--yes', 'replace a connection of that name without asking')
    .option('--json', 'print one JSON document')
    .action(async (type: string, name: string | undefined, options: ConnectOptions) => {
      if (!isConnectionType(type)) {
        const action = suggestName(type, Object.keys(connectionSchemas), '');
        throw new BackhaulError('usage', `${type} is not a type of connection`, { action });
      }
      refuseSenseless(type, options);
      const named = name ?? type;
      if (!isName(named)) throw new BackhaulError('usage', `the name ${named}`, { action: NAME_RULE });
      const gather = async (): Promise<Record<string, ConnectionWithSecrets>> => {
        const given = await givenBy(cli, type, options);
        return type === 'segment'
          ? askSegment(cli.io, named, given, options, explore)
          : { [named]: await askFields(cli.io, type, named, given) };
      };
      await (options.yaml ? print(cli, named, gather, type, options) : store(cli, gather, options));
    });

  program
    .command('rotate-key')
    .description('encrypt every stored secret anew with the first of BACKHAUL_ENCRYPTION_KEYS')
    .option('--json', 'print one JSON document')
    .action((options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const done = await backhaul.connections.rotateKey();
        if (options.json) return printJson(cli.io, done);
        cli.io.out(`${done.rotated} of ${done.secrets} secrets encrypted anew`);
      }),
    );
}

async function givenBy({ io }: Cli, type: ConnectionType, options: ConnectOptions): Promise<GivenFields> {
  const given: GivenFields = { fields: {}, secrets: {} };
  giveSet(given, type, options.set);
  const field = options.secretStdin;
  if (field !== undefined) {
    if (!isSecretField(field)) throw new BackhaulError('usage', `--secret-stdin ${field}: give it by --set`);
    give(given, type, field, (await io.readStdin()).replace(/\r?\n$/, ''));
  }
  return given;
}

async function store(
  cli: Cli,
  gather: () => Promise<Record<string, ConnectionWithSecrets>>,
  options: ConnectOptions,
): Promise<void> {
  const { io } = cli;
  // Better said now than after all questions.
  await requireKeys(cli);
  await cli.withBackhaul(async (backhaul) => {
    const connections = await gather();
    const names = Object.keys(connections);
    await confirmReplacing(cli, backhaul, names, options);
    const checks = [];
    for (const [name, connection] of Object.entries(options.check ? connections : {})) {
      checks.push({ connection: name, ...(await backhaul.connections.checkBeforeStoring(name, connection)) });
    }
    await backhaul.connections.store(connections);
    if (options.json) return printJson(io, { stored: names, checks });
    for (const check of checks) printCheck(io, { ...check, ok: true, error: null });
    io.out(`stored: ${names.join(', ')}`);
    io.err('Secrets are encrypted with the first of BACKHAUL_ENCRYPTION_KEYS; every worker needs that key.');
  });
}

async function requireKeys({ io }: Cli): Promise<void> {
  const { environment } = await findInstallation(io.env);
  if (environment.encryptionKeys.length === 0) throw new BackhaulError('encryption_keys_missing');
}

async function confirmReplacing(
  { io }: Cli,
  backhaul: Backhaul,
  names: readonly string[],
  options: ConnectOptions,
): Promise<void> {
  const { connections } = await backhaul.definitions.get();
  const there = names.filter((name) => Object.hasOwn(connections, name));
  if (there.length === 0 || options.yes) return;
  const answer = await io.confirm(`Replace ${there.join(', ')}?`);
  if (answer === undefined)
    throw new BackhaulError('usage', `${there.join(', ')} is there already; give --yes`);
  if (!answer) throw new BackhaulError('usage', 'nothing was stored', { action: 'Give another name.' });
}

/** A Segment credential was tested by what it opened; a warehouse is tested where there is a worker that can be told of it. */
async function print(
  cli: Cli,
  name: string,
  gather: () => Promise<Record<string, ConnectionWithSecrets>>,
  type: ConnectionType,
  options: ConnectOptions,
): Promise<void> {
  const connections = await gather();
  if (type !== 'segment' && options.check) {
    try {
      await requireKeys(cli);
      await cli.withBackhaul(async (backhaul) => {
        for (const [own, connection] of Object.entries(connections)) {
          const check = await backhaul.connections.checkBeforeStoring(own, connection);
          printCheck(cli.io, { connection: own, ...check, ok: true, error: null }, cli.io.err);
        }
      });
    } catch (error) {
      const known = errorOf(error);
      const cannotTest = known.code === 'encryption_keys_missing' || known.entry.exit === 4;
      if (!cannotTest) throw error;
      cli.io.err(`Not tested: ${known.message}`);
    }
  }
  printYaml(cli.io, name, connections);
}
