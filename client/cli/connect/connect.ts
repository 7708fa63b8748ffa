import { connectionTypes } from '../../../definitions/connection-types.ts';
import { isConnectionType, type ConnectionType } from '../../../definitions/connection.ts';
import { isName, NAME_RULE } from '../../../definitions/name.ts';
import { suggestName } from '../../../definitions/nearest.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { ErrorCode } from '../../../vocabulary/errors.ts';
import type { Backhaul } from '../../backhaul.ts';
import { isThroughApi } from '../../is-through-api.ts';
import type { ConnectionWithSecrets } from '../../store-connection.ts';
import type { Cli } from '../cli.ts';
import { askSegment } from './ask-segment.ts';
import { askFields } from './ask-fields.ts';
import { refuseSenseless, type ConnectOptions } from './connect-options.ts';
import type { ExploreCredential } from './explore.ts';
import { give, giveSet, isSecretField, type GivenFields } from './given-fields.ts';
import { printYaml } from './print-yaml.ts';
import { errorOf, printJson } from '../output.ts';
import { printCheck } from '../print-check.ts';

/** Gathers what the connection needs, then prints or stores it. @param explore asks Segment what a token opens */
export async function connect(
  cli: Cli,
  explore: ExploreCredential,
  type: string,
  name: string | undefined,
  options: ConnectOptions,
): Promise<void> {
  if (!isConnectionType(type)) {
    const action = suggestName(type, connectionTypes, '');
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

/** Those of an installation behind an API are known to it alone: it says so when it is given a secret. */
async function requireKeys({ io }: Cli): Promise<void> {
  if (isThroughApi(io.env)) return;
  const { findInstallation } = await import('../../environment.ts');
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

/** Nothing that a secret could be given to for a test. */
const UNTESTABLE: readonly ErrorCode[] = ['encryption_keys_missing', 'api_insecure'];

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
      const cannotTest = UNTESTABLE.includes(known.code) || known.entry.exit === 4;
      if (!cannotTest) throw error;
      cli.io.err(`Not tested: ${known.message}`);
    }
  }
  printYaml(cli.io, name, connections);
}
