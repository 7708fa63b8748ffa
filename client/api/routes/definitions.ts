import type { z } from 'zod';
import type { ConnectionDefinition } from '../../../definitions/connection.ts';
import { digestDefinition } from '../../../definitions/difference.ts';
import { checkReferences, withSecrets, type ApiPermissions } from '../../../definitions/from-api.ts';
import { parseDefinitions } from '../../../definitions/parse.ts';
import { requireReach } from '../../../definitions/reach.ts';
import { withoutLiteralSecrets } from '../../../definitions/render.ts';
import { requireSecretsAgain } from '../../../definitions/secrets-again.ts';
import { DOCUMENT_VERSION, type Definitions, type Section } from '../../../definitions/schema.ts';
import { requireOwnCredentials } from '../../../definitions/worker-identity.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import { applyAtOnce, installedDefinitions, planApply, readInstalled, type ApplyPlan } from '../../apply.ts';
import type { ConnectionWithSecrets } from '../../store-connection.ts';
import type { changeSchema } from '../contract/documents.ts';
import type { ApiContext, Handlers } from '../handlers.ts';

type Changes = z.output<typeof changeSchema>[];

export function definitionHandlers(
  context: ApiContext,
): Handlers<
  | 'getDefinitions'
  | 'planDefinitions'
  | 'applyDefinitions'
  | 'putDefinition'
  | 'deleteDefinition'
  | 'checkConnection'
  | 'checkNewConnection'
  | 'storeConnections'
  | 'rotateKey'
  | 'previewModel'
> {
  const { backhaul, connection } = context;
  const installed = () => installedDefinitions(connection);
  /** What a request has written, checked against what was there before. */
  const wantedOf = async (written: object, before: Definitions): Promise<Definitions> => {
    const given = parsed(written, before);
    await checkConnections(context, given.connections, before.connections);
    return given;
  };
  const planOf = async (written: object, prune: boolean) => {
    const before = await readInstalled(connection);
    const given = await wantedOf(written, before.definitions);
    const plan = await planApply(connection, given, { prune, origin: 'api', installed: before });
    return { plan, basis: digestDefinition(before.definitions) };
  };
  return {
    async getDefinitions() {
      const definitions = await installed();
      return { ...definitions, connections: withoutLiteralSecrets(definitions.connections) };
    },
    async planDefinitions({ body: { definitions, prune } }) {
      const { basis, plan } = await planOf(definitions, prune);
      return { changes: told(plan.changes), basis };
    },
    async applyDefinitions({ body: { basis, definitions, prune } }) {
      const change = (before: Definitions): Promise<Definitions> => {
        if (basis !== undefined && basis !== digestDefinition(before))
          throw new BackhaulError('definitions_changed');
        return wantedOf(definitions, before);
      };
      return applied(await applyAtOnce(connection, change, { prune, origin: 'api' }));
    },
    async putDefinition({ body, params: { kind, name }, query }) {
      const written = { [kind]: { [name]: body } };
      if (query.validate_only === 'true')
        return { changes: told((await planOf(written, false)).plan.changes) };
      const change = (before: Definitions): Promise<Definitions> => wantedOf(written, before);
      return applied(await applyAtOnce(connection, change, { origin: 'api' }));
    },
    async deleteDefinition({ params: { kind, name } }) {
      const without = (definitions: Definitions): Definitions => {
        const section: Record<string, unknown> = { ...definitions[kind] };
        if (!Object.hasOwn(section, name)) throw new BackhaulError(`${singular[kind]}_not_found`, name);
        delete section[name];
        return { ...definitions, [kind]: section };
      };
      const changes = await applyAtOnce(connection, without, { prune: true, origin: 'api' });
      // It was kept because others need it, and nothing has been written.
      if (
        !changes.some((one) => one.change === 'removed' && one.kind === singular[kind] && one.name === name)
      )
        throw new BackhaulError('definitions_invalid', `${singular[kind]} ${name} is needed by others`, {
          action: 'Remove what needs it first.',
        });
      return applied(changes);
    },
    checkConnection: ({ body: { sendTest }, params: { name } }) =>
      backhaul.connections.check(name, { sendTest }),
    async checkNewConnection({ body, params: { name } }) {
      return backhaul.connections.checkBeforeStoring(name, await given(context, name, body));
    },
    async storeConnections({ body }) {
      const connections: Record<string, ConnectionWithSecrets> = {};
      const before = new Map(Object.entries((await installed()).connections));
      for (const [name, one] of Object.entries(body.connections)) {
        connections[name] = await given(context, name, one);
        requireSecretsAgain(name, before.get(name), connections[name].definition, one.secrets);
      }
      await backhaul.connections.store(connections);
      return { stored: Object.keys(connections) };
    },
    rotateKey: () => backhaul.connections.rotateKey(),
    previewModel: ({ body, params: { name } }) => backhaul.models.preview(name, body),
  };
}

const singular = {
  connections: 'connection',
  models: 'model',
  syncs: 'sync',
  alerts: 'alert',
} as const satisfies Record<Section, string>;

const told = (changes: ApplyPlan['changes']): Changes =>
  changes.map(({ change, fields, kind, name }) => ({ change, fields: [...fields], kind, name }));

const applied = (changes: ApplyPlan['changes']): { changes: Changes } => ({
  changes: told(changes).filter(({ change }) => change !== 'unchanged'),
});

/** Checked as the YAML of a file is. @throws definitions_invalid */
function parsed(written: object, installed?: Definitions): Definitions {
  const text = JSON.stringify({ version: DOCUMENT_VERSION, ...written });
  const readNothing = (): never => {
    // No file of the server is anybody's to name.
    throw new Error('sqlFile is for files of definitions');
  };
  const { definitions, faults } = parseDefinitions([{ path: 'request', text }], readNothing, installed);
  if (faults.length === 0) return definitions;
  throw new BackhaulError(
    'definitions_invalid',
    faults.map(({ message, path }) => (path === '' ? message : `${path}: ${message}`)).join('; '),
    { action: [...new Set(faults.map(({ fix }) => fix))].join(' ') },
  );
}

/** What is not changed has been allowed before. */
async function checkConnections(
  { permissions }: ApiContext,
  wanted: Definitions['connections'],
  installed: Definitions['connections'],
): Promise<void> {
  for (const [name, definition] of Object.entries(wanted)) {
    const before = installed[name];
    if (before !== undefined && digestDefinition(before) === digestDefinition(definition)) continue;
    await checkFromApi(name, definition, permissions);
    requireSecretsAgain(name, before, definition);
  }
}

async function checkFromApi(
  name: string,
  definition: ConnectionDefinition,
  { networks, variables, workerIdentity }: ApiPermissions,
  secrets: ConnectionWithSecrets['secrets'] = {},
): Promise<void> {
  checkReferences(name, definition, variables, secrets);
  const known = withSecrets(definition, secrets);
  requireOwnCredentials(name, known, workerIdentity);
  // A worker looks again whenever it connects: the answer to a name may be another one then, or there.
  await requireReach(name, known, networks);
}

async function given(
  { permissions }: ApiContext,
  name: string,
  { definition, secrets }: { definition: object; secrets: Record<string, string> },
): Promise<ConnectionWithSecrets> {
  const connection = parsed({ connections: { [name]: definition } }).connections[name];
  if (connection === undefined) throw new BackhaulError('definitions_invalid', `connection ${name}`);
  await checkFromApi(name, connection, permissions, secrets);
  return { definition: { ...connection, origin: 'api' }, secrets };
}
