import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mysql from 'mysql2/promise';
import { freePort } from '../../../dev/free-port.ts';
import { MissingTool } from '../missing-tool.ts';
import { runProgram } from '../run-program.ts';
import { startServer, type Server } from '../server.ts';

export interface MariadbServer extends Server {
  port: number;
  /** A connection that may do everything. */
  admin: mysql.Connection;
}

/** Where Debian puts servers is not on the path of every user. */
const FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];

/** A real MariaDB over data of its own, with TLS for `localhost`. Debian's package `mariadb-server` has the programs. */
export async function startMariadb(): Promise<MariadbServer> {
  const server = findProgram('mariadbd', 'mysqld');
  const install = findProgram('mariadb-install-db', 'mysql_install_db');
  let port = 0;
  // It refuses to run as root unless it is told so.
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  const running = await startServer({
    name: 'mariadb',
    prepare: async (folder) => {
      await runProgram(install, [
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        ...user,
      ]);
      // Not before: a port that is free now need not be so in some seconds.
      port = await freePort();
    },
    program: (folder) => ({
      command: server,
      args: [
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        `--socket=${join(folder, 'mariadb.sock')}`,
        `--pid-file=${join(folder, 'mariadb.pid')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--skip-name-resolve',
        '--skip-log-bin',
        '--innodb-flush-log-at-trx-commit=0',
        `--ssl-ca=${tlsFixture('ca.pem')}`,
        `--ssl-cert=${tlsFixture('server.pem')}`,
        `--ssl-key=${tlsFixture('server.key')}`,
        ...user,
      ],
    }),
    ready: async () => {
      await (await connectAdmin(port)).end();
      return true;
    },
  });
  const admin = await connectAdmin(port);
  return {
    ...running,
    port,
    admin,
    stop: async () => {
      await admin.end();
      await running.stop();
    },
  };
}

export const tlsFixture = (file: string): string =>
  fileURLToPath(new URL(`../../fixtures/tls/${file}`, import.meta.url));

function findProgram(...names: string[]): string {
  const found = names
    .flatMap((name) => FOLDERS.map((folder) => join(folder, name)))
    .find((path) => existsSync(path));
  if (found === undefined) throw new MissingTool('MariaDB server');
  return found;
}

const connectAdmin = (port: number): Promise<mysql.Connection> =>
  mysql.createConnection({ host: '127.0.0.1', port, user: 'root', charset: 'utf8mb4' });
