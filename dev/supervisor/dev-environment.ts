/**
 * `dev` and the demo bring their own servers: what the environment says about others is neither used nor
 * handed on.
 *
 * @module
 */
import { join } from 'node:path';

/** Where the parts of a running `dev` are, as the variables of an installation say it. */
export interface DevAddresses {
  home: string;
  databaseUrl: string;
  blobs: string;
  temporalAddress: string;
  uiUrl: string;
  /** As BACKHAUL_ENCRYPTION_KEYS has them. */
  encryptionKeys: string;
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const CLI_PATH = 'TEMPORAL_CLI_PATH';
const IGNORED = [
  'BACKHAUL_DATABASE_URL',
  'BACKHAUL_BLOBS',
  'BACKHAUL_TEMPORAL_UI_URL',
  'BACKHAUL_URL',
  'BACKHAUL_API_KEY',
];
/** With one of these set, other commands leave `dev.json` unread. */
const LEADS_ELSEWHERE = ['BACKHAUL_DATABASE_URL', 'BACKHAUL_URL'];

const isIgnored = (name: string): boolean =>
  IGNORED.includes(name) || (name.startsWith('TEMPORAL_') && name !== CLI_PATH);

/** The variables that are set and not used here, by name. */
export const ignoredVariables = (env: NodeJS.ProcessEnv): string[] =>
  Object.keys(env)
    .filter((name) => isIgnored(name) && env[name] !== undefined && env[name] !== '')
    .sort();

/** What to say about them; nothing when there are none. */
export const sayIgnored = (env: NodeJS.ProcessEnv): string[] => {
  const ignored = ignoredVariables(env);
  if (ignored.length === 0) return [];
  const elsewhere = ignored.filter((name) => LEADS_ELSEWHERE.includes(name));
  return [
    `Not used here, since everything runs on this machine: ${ignored.join(', ')}.`,
    ...(elsewhere.length === 0
      ? []
      : [`Other commands do use ${elsewhere.join(' and ')}: unset it for them to find this dev.`]),
  ];
};

/** The environment of a worker, or of any command, that belongs to this `dev`. */
export const devEnvironment = (env: NodeJS.ProcessEnv, addresses: DevAddresses): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !isIgnored(name))),
  BACKHAUL_HOME: addresses.home,
  BACKHAUL_DATABASE_URL: addresses.databaseUrl,
  BACKHAUL_BLOBS: addresses.blobs,
  BACKHAUL_TEMPORAL_UI_URL: addresses.uiUrl,
  BACKHAUL_ENCRYPTION_KEYS: addresses.encryptionKeys,
  // Its servers are here, and so is what is tried out with it.
  BACKHAUL_ALLOWED_NETWORKS: [env.BACKHAUL_ALLOWED_NETWORKS ?? '', ...LOOPBACK]
    .filter((one) => one !== '')
    .join(','),
  // It signs in as the person whose machine this is.
  BACKHAUL_API_WORKER_IDENTITY: env.BACKHAUL_API_WORKER_IDENTITY || 'true',
  TEMPORAL_ADDRESS: addresses.temporalAddress,
  TEMPORAL_NAMESPACE: 'default',
  // A temporal.toml of the user is about another server, too: this one is not there.
  TEMPORAL_CONFIG_FILE: join(addresses.home, 'temporal.toml'),
});
