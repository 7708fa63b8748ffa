import { checkConnection } from '../../../definitions/check-connection.ts';
import { readEnvironment } from '../../../definitions/installation-environment.ts';
import { referencesIn } from '../../../definitions/reference-syntax.ts';
import { segmentRegions } from '../../../definitions/segment-connection.ts';
import type { OfferedSource } from '../../../definitions/segment-credential.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import type { ConnectionWithSecrets } from '../../store-connection.ts';
import type { CliIo } from '../io.ts';
import { chooseSources } from './choose-sources.ts';
import type { ExploreCredential } from './explore.ts';
import { give, type GivenFields } from './given-fields.ts';

export interface SegmentAnswers {
  tokenStdin?: boolean;
  writeKeyStdin?: boolean;
  source: string[];
}

const WHERE_IT_IS_MADE = [
  'A token of the Public API is made in Segment under Settings, Workspace settings, Access Management, Tokens',
  '(https://app.segment.com/goto-my-workspace/settings/access-management). Choose the role Source Admin on the sources to sync to.',
  'A write key is in Segment under Connections, Sources, your source, Settings, API Keys.',
];

/** Asks for a token or a write key and what it leaves open; a connection for each source that is chosen. */
export async function askSegment(
  io: CliIo,
  name: string,
  given: GivenFields,
  answers: SegmentAnswers,
  explore: ExploreCredential,
): Promise<Record<string, ConnectionWithSecrets>> {
  requireSound(name, given);
  const pasted = await credentialOf(io, answers);
  const { publicApiUrl, settingsUrl, trackingUrl } = given.fields;
  const credential = await explore(pasted, {
    kind: answers.tokenStdin ? 'token' : answers.writeKeyStdin ? 'writeKey' : undefined,
    allowedEndpoints: readEnvironment(io.env).allowedEndpoints,
    ...(typeof publicApiUrl === 'string' && { publicApiUrl }),
    ...(typeof settingsUrl === 'string' && { settingsUrl }),
    ...(typeof trackingUrl === 'string' && { trackingUrl }),
  });
  if (credential.kind === 'writeKey') {
    io.err('This is a write key.');
    if (credential.warning !== null) io.err(`${io.colors.yellow('warning')} ${credential.warning}`);
    if (answers.source.length > 0)
      throw new BackhaulError('usage', '--source goes with a token: a write key is of one source');
    delete given.fields.publicApiUrl;
    give(given, 'segment', 'writeKey', pasted);
    if (given.fields.region === undefined) await askRegion(io, given);
    return { [name]: sound(name, given) };
  }
  const { region, sources, workspace } = credential;
  const { region: wanted = region } = given.fields;
  if (wanted !== region)
    throw new BackhaulError(
      'segment_region_wrong',
      `region is ${String(wanted)}, the workspace is in ${region}`,
    );
  io.err(`This is a token of the workspace ${workspace.name} (${workspace.slug}, ${region}).`);
  const chosen = await chooseSources(io, credential, answers.source);
  const readable = sources.filter((source) => source.readable).length;
  io.err(`It may read the write keys of ${readable} of ${sources.length} sources.`);
  give(given, 'segment', 'token', pasted);
  // Segment's limit is that of a workspace, so its connections share ours.
  const shared = { region, rateLimitGroup: workspace.slug };
  return Object.fromEntries(
    chosen.map((source) => {
      const own = nameOf(name, source, chosen.length);
      const fields = { ...shared, ...given.fields, source: source.slug };
      return [own, sound(own, { fields, secrets: given.secrets })];
    }),
  );
}

async function credentialOf(io: CliIo, { tokenStdin, writeKeyStdin }: SegmentAnswers): Promise<string> {
  // Only the line break that every tool adds: what else stands around it is a mistake to be told of.
  if (tokenStdin || writeKeyStdin) return (await io.readStdin()).replace(/\r?\n$/, '');
  if (io.ask === null)
    throw new BackhaulError('usage', 'give --token-stdin or --write-key-stdin: there is no terminal to ask');
  for (const line of WHERE_IT_IS_MADE) io.err(line);
  return io.ask.secret('Token or write key');
}

async function askRegion(io: CliIo, given: GivenFields): Promise<void> {
  const choices = segmentRegions.map((region) => ({ value: region, label: region }));
  const [region] = io.ask === null ? ['us'] : await io.ask.choose('Region of the workspace', choices, false);
  if (io.ask === null) io.err('The region is taken to be us: a write key does not tell it. --set region=eu');
  given.fields.region = region;
}

const ownOptions = { source: '--source', token: '--token-stdin', writeKey: '--write-key-stdin' };

/** What `--set` gives is looked at before anything is asked or sent. */
function requireSound(name: string, { fields, secrets }: GivenFields): void {
  for (const [field, option] of Object.entries(ownOptions)) {
    if (field in fields) throw new BackhaulError('usage', `--set ${field}: give it by ${option}`);
  }
  for (const field of ['publicApiUrl', 'settingsUrl', 'trackingUrl', 'region']) {
    const value = fields[field];
    if (typeof value === 'string' && referencesIn(value).length > 0)
      throw new BackhaulError('usage', `--set ${field}: it is used here, so give the value itself`);
  }
  sound(name, { fields: { token: '${TOKEN}', source: 'any', ...fields }, secrets });
}

const nameOf = (name: string, { slug }: OfferedSource, sources: number): string =>
  sources === 1 ? name : `${name}_${slug}`.replace(/[^A-Za-z0-9_.-]/g, '_').slice(0, 100);

function sound(name: string, { fields, secrets }: GivenFields): ConnectionWithSecrets {
  const { definition, findings } = checkConnection(name, { type: 'segment', ...fields });
  if (definition !== null) return { definition, secrets };
  const said = findings.map(({ fix, message }) => `${message}. ${fix}`);
  throw new BackhaulError('definitions_invalid', said.join(' '));
}
