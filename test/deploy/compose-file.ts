import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const serviceSchema = z.object({
  image: z.string(),
  build: z.string().optional(),
  entrypoint: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  env_file: z.array(z.object({ path: z.string(), required: z.boolean() })).default([]),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  deploy: z.object({ replicas: z.string().optional() }).optional(),
  restart: z.string().optional(),
  stop_grace_period: z.string().optional(),
});

/** What of the Compose file is looked at here; the whole of it is for the published schema to judge. */
const composeSchema = z.object({
  services: z.record(z.string(), serviceSchema),
  volumes: z.record(z.string(), z.unknown()),
});

export type ComposeService = z.infer<typeof serviceSchema>;
export type ComposeFile = z.infer<typeof composeSchema>;

export const readComposeText = (): Promise<string> => readFile(`${ROOT}docker-compose.yml`, 'utf8');

/** The document as Compose sees it: anchors merged, and variables replaced when some are given. */
export function parseCompose(text: string, variables?: Readonly<Record<string, string>>): unknown {
  const document: unknown = parse(text, { merge: true });
  return variables === undefined ? document : interpolated(document, variables);
}

export async function readCompose(variables: Readonly<Record<string, string>>): Promise<ComposeFile> {
  return composeSchema.parse(parseCompose(await readComposeText(), variables));
}

export function serviceOf({ services }: ComposeFile, name: string): ComposeService {
  const service = services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}.`);
  return service;
}

const VARIABLE = /\$(?:\$|\{(?<name>\w+)(?::(?<operator>[-?])(?<operand>[^}]*))?\})/g;

/** The names of the variables that a text asks Compose for. */
export const variablesOf = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(VARIABLE)].flatMap(({ groups }) =>
      groups?.['name'] === undefined ? [] : [groups['name']],
    ),
  );

function interpolated(value: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof value === 'string') return replaced(value, variables);
  if (Array.isArray(value)) return value.map((each) => interpolated(each, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, interpolated(each, variables)]));
}

function replaced(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (whole, name?: string, operator?: string, operand?: string) => {
    if (name === undefined) return '$';
    const value = variables[name] ?? '';
    if (value !== '') return value;
    if (operator === '-') return operand ?? '';
    throw new Error(`${whole}: ${name} is not set.`);
  });
}
