import { createServer } from 'node:net';
import getPort from 'get-port';

const LOOPBACK = '127.0.0.1';

/** The wanted port when it is free on this machine's loopback, else one that is. */
export const freePort = async (wanted?: number): Promise<number> =>
  // Asked of get-port, a port stays taken for half a minute, also for the one who gave it back.
  wanted !== undefined && (await isFreePort(wanted)) ? wanted : getPort({ host: LOOPBACK });

export const isFreePort = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
