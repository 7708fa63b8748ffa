import { z } from 'zod';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { workerRoles, type WorkerRole } from '../vocabulary/worker-role.ts';
import { DURATION_PATTERN, durationMs } from './duration.ts';
import { readVariables } from './read-variables.ts';

/** More: more lanes on their way at once; each may hold a page in memory, and a session of the ledger. */
export const DEFAULT_MAX_ACTIVITIES = 20;
/** Above it DuckDB spills to scratch. Less memory, more disk. */
export const DEFAULT_DUCKDB_MEMORY_MB = 256;
/** A POST in flight is finished within this (its timeout is 20 s); what takes longer goes to another worker. */
export const DEFAULT_SHUTDOWN_GRACE = '25s';

/** How one worker is sized, what it is limited to, and which build it is. */
export interface WorkerSettings {
  /** Null: it serves all, role queues only while there are workers with roles. */
  roles: readonly WorkerRole[] | null;
  /** Of each task queue that it polls. */
  maxActivities: number;
  /** Undefined: by the size of the heap, as the SDK reckons. */
  maxCachedWorkflows: number | undefined;
  duckDb: { memoryLimitMb: number; threads: number | undefined };
  shutdownGraceMs: number;
  /** Worker Versioning; null: off. */
  deployment: { deploymentName: string; buildId: string } | null;
}

const MEMORY_MB = { MB: 1, GB: 1000 } as const;
const MEMORY_PATTERN = /^(\d{1,6})(MB|GB)$/;
/** DuckDB does not get far with less. */
const LEAST_DUCKDB_MB = 64;

const count = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,6}$/, { error: `must be a whole number from ${least} to ${most}` })
    .transform(Number)
    .refine((number) => number >= least && number <= most, {
      error: `must be a whole number from ${least} to ${most}`,
    });

const isRole = (word: string): word is WorkerRole => (workerRoles as readonly string[]).includes(word);

const rolesSchema = z
  .string()
  .transform((text) => text.split(',').map((word) => word.trim()))
  .refine((words) => words.every(isRole), {
    error: `must be roles parted by commas: ${workerRoles.join(', ')}`,
  })
  .transform((words) => workerRoles.filter((role) => words.includes(role)));

/** https://docs.temporal.io/worker-versioning: a deployment and a build may hold no `:` and `.` each, which part them. */
const versionPart = z
  .string()
  .max(200, { error: 'must be at most 200 characters' })
  .regex(/^[^:\s]+$/, { error: 'must hold no ":" and no space' });

const workerSchema = z.object({
  BACKHAUL_ROLES: rolesSchema.optional(),
  BACKHAUL_MAX_ACTIVITIES: count(1, 1000).default(DEFAULT_MAX_ACTIVITIES),
  BACKHAUL_MAX_CACHED_WORKFLOWS: count(2, 100_000).optional(),
  BACKHAUL_DUCKDB_MEMORY: z
    .string()
    .regex(MEMORY_PATTERN, { error: 'must be a number with MB or GB, such as 512MB' })
    .transform((text) => {
      const [, digits, unit] = MEMORY_PATTERN.exec(text) ?? [];
      return Number(digits) * MEMORY_MB[unit as keyof typeof MEMORY_MB];
    })
    .refine((mb) => mb >= LEAST_DUCKDB_MB, { error: `must be at least ${LEAST_DUCKDB_MB}MB` })
    .default(DEFAULT_DUCKDB_MEMORY_MB),
  BACKHAUL_DUCKDB_THREADS: count(1, 256).optional(),
  BACKHAUL_SHUTDOWN_GRACE: z
    .string()
    .regex(DURATION_PATTERN, { error: 'must be a whole number with ms, s, m or h, such as 25s' })
    .default(DEFAULT_SHUTDOWN_GRACE),
  TEMPORAL_DEPLOYMENT_NAME: versionPart.optional(),
  TEMPORAL_WORKER_BUILD_ID: versionPart.optional(),
});

/** @throws usage, naming every variable that is wrong */
export function readWorkerSettings(env: Readonly<Record<string, string | undefined>>): WorkerSettings {
  const data = readVariables(workerSchema, env);
  return {
    roles: data.BACKHAUL_ROLES ?? null,
    maxActivities: data.BACKHAUL_MAX_ACTIVITIES,
    maxCachedWorkflows: data.BACKHAUL_MAX_CACHED_WORKFLOWS,
    duckDb: { memoryLimitMb: data.BACKHAUL_DUCKDB_MEMORY, threads: data.BACKHAUL_DUCKDB_THREADS },
    shutdownGraceMs: durationMs(data.BACKHAUL_SHUTDOWN_GRACE),
    deployment: deploymentOf(data.TEMPORAL_DEPLOYMENT_NAME, data.TEMPORAL_WORKER_BUILD_ID),
  };
}

/** One alone would leave the worker unversioned, and it would take runs that are meant for another build. */
function deploymentOf(
  deploymentName: string | undefined,
  buildId: string | undefined,
): WorkerSettings['deployment'] {
  if (deploymentName !== undefined && buildId !== undefined) return { deploymentName, buildId };
  if (deploymentName === undefined && buildId === undefined) return null;
  throw new BackhaulError(
    'usage',
    'TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID go together: one of them is not set',
  );
}
