import { freePort } from '../../dev/free-port.ts';
import { startServer } from '../standins/server.ts';
import { BACKHAUL } from './worker-process.ts';

export interface ServeProcess {
  url: string;
  stop(): Promise<void>;
}

/** `backhaul serve`, as users have it. */
export async function startServe(env: NodeJS.ProcessEnv): Promise<ServeProcess> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { stop } = await startServer({
    name: 'serve',
    program: () => ({
      command: process.execPath,
      args: [BACKHAUL, 'serve'],
      env: { ...env, BACKHAUL_HOST: '127.0.0.1', BACKHAUL_PORT: `${port}` },
    }),
    ready: async () => (await fetch(`${url}/readyz`)).ok,
  });
  return { url, stop };
}
