import getPort from 'get-port';

/**
 * The wanted port when it is free on this machine's loopback, else one that is. get-port also keeps two calls
 * of this process from getting the same one.
 */
export const freePort = (wanted?: number): Promise<number> =>
  getPort({ host: '127.0.0.1', ...(wanted === undefined ? {} : { port: wanted }) });
