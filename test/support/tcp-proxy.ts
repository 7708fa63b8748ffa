import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /**
   * What it does with answers from now on: passes them on, keeps them to itself, or cuts the connection as soon as one comes. What is
   * asked always arrives.
   */
  answers(fate: 'pass' | 'hold' | 'cut'): void;
  /** Where connections go from now on, as a load balancer has it. */
  goTo(port: number): void;
  close(): Promise<void>;
}

/** Stands before a server, and can lose what it answers. */
export async function startTcpProxy(port: number): Promise<TcpProxy> {
  let target = port;
  let fate: 'pass' | 'hold' | 'cut' = 'pass';
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // It breaks when the other one does.
      socket.on('error', () => undefined);
      socket.on('close', () => sockets.delete(socket));
    }
    client.pipe(upstream);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    upstream.on('data', (answer) => {
      if (fate === 'pass') client.write(answer);
      if (fate === 'cut') client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    answers(given) {
      fate = given;
    },
    goTo(given) {
      target = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
