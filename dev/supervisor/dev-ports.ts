import { DEFAULT_PORT, readEnvironment } from '../../definitions/installation-environment.ts';
import { BackhaulError } from '../../vocabulary/backhaul-error.ts';
import { freePort, isFreePort } from '../free-port.ts';

/** Of the servers. */
export interface ServerPorts {
  temporal: number;
  ui: number;
  postgres: number;
}

export interface DevPorts extends ServerPorts {
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

type Report = (line: string) => void;

/** The wanted ports, else the usual ones; where one is taken, another, which is said. */
export const choosePorts = async (wanted: Partial<DevPorts>, report: Report): Promise<ServerPorts> => ({
  temporal: await choose('temporal', wanted, report),
  ui: await choose('ui', wanted, report),
  postgres: await choose('postgres', wanted, report),
});

/**
 * The same for the HTTP API; but BACKHAUL_PORT means that port and no other.
 *
 * @throws usage
 */
export const chooseApiPort = async (
  env: NodeJS.ProcessEnv,
  wanted: Partial<DevPorts>,
  report: Report,
): Promise<number> => {
  if ((env.BACKHAUL_PORT ?? '') === '') return choose('api', wanted, report);
  const { port } = readEnvironment(env);
  if (port === 0) return freePort();
  if (await isFreePort(port)) return port;
  throw new BackhaulError('usage', `BACKHAUL_PORT: port ${port} of this machine is taken`, {
    action: 'Set it to one that is free, or unset it: then one is looked for.',
  });
};

const choose = async (name: keyof DevPorts, wanted: Partial<DevPorts>, report: Report): Promise<number> => {
  const asked = wanted[name] ?? usualPorts[name];
  const port = await freePort(asked);
  if (port !== asked) report(`Port ${asked} is taken: ${labels[name]} gets ${port}.`);
  return port;
};
