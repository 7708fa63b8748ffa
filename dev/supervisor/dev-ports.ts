import { DEFAULT_PORT, readEnvironment } from '../../definitions/installation-environment.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { freePort, isFreePort } from '../free-port.ts';

export interface DevPorts {
  temporal: number;
  ui: number;
  postgres: number;
  /** Of the HTTP API; undefined where none is started. */
  api?: number | undefined;
}

/** Temporal's own; PostgreSQL's is not 5432, where a person's own server is. */
export const usualPorts = { temporal: 7233, ui: 8233, postgres: 54_329, api: DEFAULT_PORT };

const labels: Record<keyof DevPorts, string> = {
  temporal: 'Temporal',
  ui: "Temporal's UI",
  postgres: 'PostgreSQL',
  api: 'the HTTP API',
};

export interface PortsWanted {
  /** Those of the last start, or of who starts it. */
  wanted: Partial<DevPorts>;
  api: boolean;
  env: NodeJS.ProcessEnv;
}

/**
 * The wanted ports, else the usual ones; where one is taken, another, which is said. BACKHAUL_PORT means that port and no other.
 *
 * @throws usage
 */
export const choosePorts = async (
  { api, env, wanted }: PortsWanted,
  report: (line: string) => void,
): Promise<DevPorts> => {
  const choose = async (name: keyof DevPorts): Promise<number> => {
    const asked = wanted[name] ?? usualPorts[name];
    const port = await freePort(asked);
    if (port !== asked) report(`Port ${asked} is taken: ${labels[name]} gets ${port}.`);
    return port;
  };
  const ports = {
    temporal: await choose('temporal'),
    ui: await choose('ui'),
    postgres: await choose('postgres'),
  };
  if (!api) return ports;
  return { ...ports, api: (await demandedPort(env)) ?? (await choose('api')) };
};

const demandedPort = async (env: NodeJS.ProcessEnv): Promise<number | undefined> => {
  if ((env.BACKHAUL_PORT ?? '') === '') return undefined;
  const { port } = readEnvironment(env);
  if (port === 0) return freePort();
  if (await isFreePort(port)) return port;
  throw new BackhaulError('usage', `BACKHAUL_PORT: port ${port} of this machine is taken`, {
    action: 'Set it to one that is free, or unset it: then one is looked for.',
  });
};
