import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from '@elastic/elasticsearch';
import { freePort } from '../../../dev/free-port.ts';
import { startServer, type Server } from '../server.ts';
import { installElasticsearch } from './install.ts';

const fixture = (file: string): string =>
  fileURLToPath(new URL(`../../fixtures/tls/${file}`, import.meta.url));

/** The authority of the node's certificate, which is for `localhost`. */
export const ELASTICSEARCH_CA = readFileSync(fixture('ca.pem'), 'utf8');

export const ADMIN = { username: 'admin', password: 'standin-superuser' } as const;
/** bcrypt of ADMIN's password, by Elasticsearch's own Hasher. */
const ADMIN_HASH = '$2a$04$5nowx5oSVPWFdVZwmc/PCOmBqbBOA.pXuQCWjCZDUBBYyG56kC4.K';

const LOGGING = `status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = warn
rootLogger.appenderRef.console.ref = console
`;

export interface Node {
  url: string;
  /** As a superuser. */
  admin: Client;
  /** Stops the process and starts it again on the same data: points in time are gone. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A single node of Elasticsearch with security and TLS, half a GB of memory. */
export async function startNode(): Promise<Node> {
  const home = await installElasticsearch();
  const port = await freePort();
  const url = `https://localhost:${port}`;
  const data = await mkdtemp(join(tmpdir(), 'backhaul-elasticsearch-data-'));
  const start = (): Promise<Server> =>
    startServer({
      name: 'elasticsearch',
      prepare: (folder) => configure(folder, port, data),
      program: (folder) => ({ command: 'java', args: javaArguments(home, folder) }),
      ready: () => admin.ping(),
    });
  const admin = new Client({ node: url, auth: ADMIN, tls: { ca: ELASTICSEARCH_CA }, maxRetries: 0 });
  /** Not a colour: a test may have an index that is red. */
  const recovered = async (): Promise<void> => {
    await admin.cluster.health({ wait_for_no_initializing_shards: true, wait_for_events: 'languid' });
  };
  let server = await start();
  await recovered();
  return {
    url,
    admin,
    async restart() {
      await server.stop();
      server = await start();
      await recovered();
    },
    async stop() {
      await admin.close();
      await server.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

function javaArguments(home: string, folder: string): string[] {
  return [
    '-Xms512m',
    '-Xmx512m',
    '-Djava.awt.headless=true',
    '-Dfile.encoding=UTF-8',
    '-Dlog4j2.disable.jmx=true',
    '-Dio.netty.noUnsafe=true',
    '-Dio.netty.noKeySetOptimization=true',
    '-Dlog4j.shutdownHookEnabled=false',
    '--add-opens=java.base/java.io=ALL-UNNAMED',
    '-cp',
    `${join(home, 'boot')}:${join(home, 'lib', '*')}`,
    'standin.Main',
    home,
    join(folder, 'config'),
  ];
}

async function configure(folder: string, port: number, data: string): Promise<void> {
  const config = join(folder, 'config');
  await mkdir(config);
  await copyFile(fixture('server.key'), join(config, 'server.key'));
  await copyFile(fixture('server.pem'), join(config, 'server.pem'));
  const settings = {
    'cluster.name': 'standin',
    'node.name': 'standin',
    'discovery.type': 'single-node',
    'network.host': '127.0.0.1',
    'http.port': port,
    'transport.port': await freePort(),
    'path.data': data,
    'path.logs': join(folder, 'logs'),
    'cluster.routing.allocation.disk.threshold_enabled': false,
    'xpack.security.enabled': true,
    'xpack.security.transport.ssl.enabled': false,
    'xpack.security.authc.api_key.enabled': true,
    'xpack.security.http.ssl.enabled': true,
    'xpack.security.http.ssl.key': 'server.key',
    'xpack.security.http.ssl.certificate': 'server.pem',
    'xpack.license.self_generated.type': 'basic',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${String(value)}\n`);
  await writeFile(join(config, 'elasticsearch.yml'), lines.join(''));
  await writeFile(join(config, 'log4j2.properties'), LOGGING);
  await writeFile(join(config, 'users'), `${ADMIN.username}:${ADMIN_HASH}\n`);
  await writeFile(join(config, 'users_roles'), `superuser:${ADMIN.username}\n`);
}
