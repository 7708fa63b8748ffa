import { freePort } from '../free-port.ts';

export interface DevPorts {
  temporal: number;
  ui: number;
  postgres: number;
}

/** Temporal's own; PostgreSQL's is not 5432, where a person's own server is. */
export const usualPorts: DevPorts = { temporal: 7233, ui: 8233, postgres: 54_329 };

const labels: Record<keyof DevPorts, string> = {
  temporal: 'Temporal',
  ui: "Temporal's UI",
  postgres: 'PostgreSQL',
};

/** The wanted ports, else the usual ones; where one is taken, another, which is said. */
export const choosePorts = async (
  wanted: Partial<DevPorts>,
  report: (line: string) => void,
): Promise<DevPorts> => {
  const ports = { ...usualPorts, ...wanted };
  for (const name of ['temporal', 'ui', 'postgres'] as const) {
    const port = await freePort(ports[name]);
    if (port !== ports[name]) report(`Port ${ports[name]} is taken: ${labels[name]} gets ${port}.`);
    ports[name] = port;
  }
  return ports;
};
