import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server whose connections can be broken, or go dead without a word. */
export async function startBreakable(port: number) {
  const sockets = new Set<Socket>();
  /** Bytes of the server after which nothing passes any more. */
  const state = { freezeAfter: Number.POSITIVE_INFINITY, frozen: false };
  let passed = 0;
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    far.on('data', (chunk: Buffer) => {
      passed += chunk.length;
      if (passed > state.freezeAfter) freeze();
    });
    near.pipe(far).pipe(near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const freeze = (): void => {
    for (const socket of sockets) socket.unpipe().pause();
    state.frozen = true;
  };
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    breakAll,
    freeze,
    state,
    async close(): Promise<void> {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
