/**
 * How other commands find a running `backhaul dev`: the file `dev.json` in BACKHAUL_HOME, which the supervisor
 * writes, and which counts only as long as that supervisor lives.
 *
 * @module
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isSameProcess } from './process-identity.ts';

const processSchema = z.object({ pid: z.number().int().positive(), startedAt: z.string() });

const devFileSchema = z.object({
  version: z.literal(1),
  /** `starting` until every part answers: children that were begun are already named, so that none is lost. */
  state: z.enum(['starting', 'ready']),
  supervisor: processSchema,
  children: z.object({
    postgres: processSchema.optional(),
    temporal: processSchema.optional(),
    worker: processSchema.optional(),
    api: processSchema.optional(),
  }),
  databaseUrl: z.string(),
  temporalAddress: z.string(),
  uiUrl: z.string(),
  /** Of the HTTP API. `dev --once` starts none, and an earlier version had none. */
  apiUrl: z.string().optional(),
  /** `file:///…`, as in BACKHAUL_BLOBS. */
  blobs: z.string(),
  /** As in BACKHAUL_ENCRYPTION_KEYS: those of the worker. An earlier version had none. */
  encryptionKeys: z.string().optional(),
  /** Where PostgreSQL keeps its data: elsewhere than in BACKHAUL_HOME when its user cannot enter that. */
  postgresData: z.string(),
  ports: z.object({ postgres: z.number(), temporal: z.number(), ui: z.number(), api: z.number().optional() }),
});

export type DevFile = z.infer<typeof devFileSchema>;

export const devFilePath = (home: string): string => join(home, 'dev.json');

/** What the last supervisor on this home wrote, dead or alive; null when there is none or it cannot be understood. */
export const readDevRecord = async (home: string): Promise<DevFile | null> => {
  let text: string;
  try {
    text = await readFile(devFilePath(home), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return devFileSchema.parse(JSON.parse(text));
  } catch {
    // Written by another version, or damaged: as good as none.
    return null;
  }
};

/** The environment that runs on this home; null when none does, or when it is not ready yet. */
export const readDevFile = async (home: string): Promise<DevFile | null> => {
  const file = await readDevRecord(home);
  return file?.state === 'ready' && (await isSameProcess(file.supervisor)) ? file : null;
};
