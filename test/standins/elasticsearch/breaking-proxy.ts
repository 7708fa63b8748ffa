import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Passes bytes on, and can break off in the middle of an answer. */
export interface BreakingProxy {
  port: number;
  /** The next connection that the server answers on is broken after the first bytes of the answer. */
  breakNext(): void;
  close(): Promise<void>;
}

export async function startBreakingProxy(target: number): Promise<BreakingProxy> {
  const sockets = new Set<Socket>();
  let breaking = false;
  const server = createServer((incoming) => {
    const outgoing = connect(target, '127.0.0.1');
    const end = (): void => {
      incoming.destroy();
      outgoing.destroy();
    };
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    incoming.pipe(outgoing);
    outgoing.on('data', (bytes: Buffer) => {
      if (!breaking) return void incoming.write(bytes);
      breaking = false;
      incoming.write(bytes.subarray(0, bytes.length / 2), end);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    breakNext: () => (breaking = true),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
