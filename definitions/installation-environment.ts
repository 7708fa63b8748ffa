import { z } from 'zod';
import { DEFAULT_INSTALLATION, DEFAULT_TASK_QUEUE } from '../vocabulary/installation.ts';
import { NAME_PATTERN, NAME_RULE } from './name.ts';
import { readVariables } from './read-variables.ts';

export const DEFAULT_DATABASE_SCHEMA = 'backhaul';
export const DEFAULT_HOME = './.backhaul';
export const DEFAULT_PORT = 8420;
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_API_REQUESTS_PER_MINUTE = 1200;
const ENCRYPTION_KEY_BYTES = 32;

export const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];
export const logFormats = ['json', 'text'] as const;
export type LogFormat = (typeof logFormats)[number];

/** Where this process belongs: the `BACKHAUL_*` variables. */
export interface Environment {
  databaseUrl: string | undefined;
  databaseSchema: string;
  /** `file:///dir` and the like. */
  blobs: string | undefined;
  installation: string;
  taskQueue: string;
  home: string;
  /** Without it: the system's folder for temporary files. */
  scratch: string | undefined;
  /** Where `serve` and a worker's health and metrics listen. */
  host: string;
  port: number;
  /** Of a worker's health and metrics; without it they are nowhere. 0: any that is free. */
  workerPort: number | undefined;
  logLevel: LogLevel;
  /** Undefined: text for a terminal, else JSON. */
  logFormat: LogFormat | undefined;
  /** Variables that definitions from the HTTP API may refer to. */
  apiVariables: readonly string[];
  /** Hosts and networks inside that they may name. */
  allowedNetworks: readonly string[];
  /** Whether they may use the cloud identity of the worker. */
  apiWorkerIdentity: boolean;
  /** Requests of one key in a minute. */
  apiRequestsPerMinute: number;
  temporalUiUrl: string | undefined;
  temporalCliPath: string | undefined;
  /** Origins beyond the vendors' own that connections may name. */
  allowedEndpoints: readonly string[];
  /** Of 32 bytes each: the first encrypts, all decrypt. */
  encryptionKeys: readonly Buffer[];
}

const listed = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

const isUrl = (pattern: RegExp) => (text: string) => pattern.test(text) && URL.canParse(text);

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

const portSchema = z
  .string()
  .regex(/^\d{1,5}$/, { error: 'must be a port from 0 to 65535' })
  .transform(Number)
  .refine((port) => port <= 65_535, { error: 'must be a port from 0 to 65535' });

/** The value may hold a password, so what is said of it is the form only. */
const environmentSchema = z.object({
  BACKHAUL_DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, { error: 'must begin with postgres:// or postgresql://' })
    .optional(),
  BACKHAUL_DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, {
      error: 'must be a plain PostgreSQL name: small letters, digits and "_"',
    })
    .default(DEFAULT_DATABASE_SCHEMA),
  BACKHAUL_BLOBS: z
    .string()
    .refine(isUrl(/^[a-z0-9]+:\/\//), { error: 'must be a URL such as file:///directory' })
    .optional(),
  BACKHAUL_INSTALLATION: z.string().regex(NAME_PATTERN, { error: NAME_RULE }).default(DEFAULT_INSTALLATION),
  BACKHAUL_TASK_QUEUE: z
    .string()
    .max(200, { error: 'must be at most 200 characters' })
    .default(DEFAULT_TASK_QUEUE),
  BACKHAUL_HOME: z.string().default(DEFAULT_HOME),
  BACKHAUL_SCRATCH: z.string().optional(),
  BACKHAUL_PORT: portSchema.default(DEFAULT_PORT),
  BACKHAUL_HOST: z.string().default(DEFAULT_HOST),
  BACKHAUL_WORKER_PORT: portSchema.optional(),
  BACKHAUL_LOG_LEVEL: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('info'),
  BACKHAUL_LOG_FORMAT: z.enum(logFormats, { error: `must be one of ${logFormats.join(', ')}` }).optional(),
  BACKHAUL_API_VARIABLES: z
    .string()
    .transform(listed)
    .refine((names) => names.every((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)), {
      error: 'must be names of variables parted by commas',
    })
    .default([]),
  BACKHAUL_ALLOWED_NETWORKS: z.string().transform(listed).default([]),
  BACKHAUL_API_WORKER_IDENTITY: z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default('false')
    .transform((text) => text === 'true'),
  BACKHAUL_API_REQUESTS_PER_MINUTE: z
    .string()
    .regex(/^[1-9]\d{0,6}$/, { error: 'must be a number from 1 to 9999999' })
    .transform(Number)
    .default(DEFAULT_API_REQUESTS_PER_MINUTE),
  BACKHAUL_TEMPORAL_UI_URL: z
    .string()
    .refine(isUrl(/^https?:\/\//), { error: 'must be an http or https address' })
    .optional(),
  TEMPORAL_CLI_PATH: z.string().optional(),
  BACKHAUL_ALLOWED_ENDPOINTS: z
    .string()
    .transform(listed)
    .refine((origins) => origins.every(isOrigin), {
      error: 'must be origins parted by commas, such as https://bigquery.internal.example.com:8443',
    })
    .default([]),
  BACKHAUL_ENCRYPTION_KEYS: z
    .string()
    .transform((text) => text.split(',').map((key) => Buffer.from(key.trim(), 'base64')))
    .refine((keys) => keys.every((key) => key.length === ENCRYPTION_KEY_BYTES), {
      error: 'must be keys of 32 bytes in base64, parted by commas; `openssl rand -base64 32` makes one',
    })
    .default([]),
});

/**
 * Reads the environment of a process. A variable that is set to nothing counts as not set. Throws `usage`, naming
 * every variable that is wrong, without its value.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const data = readVariables(environmentSchema, env);
  return {
    databaseUrl: data.BACKHAUL_DATABASE_URL,
    databaseSchema: data.BACKHAUL_DATABASE_SCHEMA,
    blobs: data.BACKHAUL_BLOBS,
    installation: data.BACKHAUL_INSTALLATION,
    taskQueue: data.BACKHAUL_TASK_QUEUE,
    home: data.BACKHAUL_HOME,
    scratch: data.BACKHAUL_SCRATCH,
    host: data.BACKHAUL_HOST,
    port: data.BACKHAUL_PORT,
    workerPort: data.BACKHAUL_WORKER_PORT,
    logLevel: data.BACKHAUL_LOG_LEVEL,
    logFormat: data.BACKHAUL_LOG_FORMAT,
    apiVariables: data.BACKHAUL_API_VARIABLES,
    allowedNetworks: data.BACKHAUL_ALLOWED_NETWORKS,
    apiWorkerIdentity: data.BACKHAUL_API_WORKER_IDENTITY,
    apiRequestsPerMinute: data.BACKHAUL_API_REQUESTS_PER_MINUTE,
    temporalUiUrl: data.BACKHAUL_TEMPORAL_UI_URL,
    temporalCliPath: data.TEMPORAL_CLI_PATH,
    allowedEndpoints: data.BACKHAUL_ALLOWED_ENDPOINTS,
    encryptionKeys: data.BACKHAUL_ENCRYPTION_KEYS,
  };
}
