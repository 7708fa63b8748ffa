import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { freePort } from '../../../dev/free-port.ts';
import { installedOnce } from '../cache.ts';
import { MissingTool } from '../missing-tool.ts';
import { runProgram } from '../run-program.ts';
import { startServer } from '../server.ts';

/** Where packages put it; for users who are not root it is seldom on the PATH. */
const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin'];

export interface Nginx {
  url: string;
  close(): Promise<void>;
}

/**
 * A real nginx before a server, as unkind to streams as it comes: it buffers and packs.
 *
 * @throws MissingTool when it is neither on the machine nor to be had by apt
 */
export async function startNginx(targetUrl: string): Promise<Nginx> {
  const program = await findNginx();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: 'nginx',
    prepare: (folder) => writeFile(join(folder, 'nginx.conf'), configOf(folder, port, targetUrl)),
    program: (folder) => ({
      command: program,
      args: ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr'],
    }),
    ready: async () => (await fetch(`${url}/healthz`)).ok,
  });
  return { url, close: () => server.stop() };
}

const configOf = (folder: string, port: number, targetUrl: string): string => `
  daemon off;
  worker_processes 1;
  ${process.getuid?.() === 0 ? 'user root;' : ''}
  pid ${folder}/nginx.pid;
  error_log stderr;
  events {}
  http {
    access_log off;
    client_body_temp_path ${folder}/body;
    proxy_temp_path ${folder}/proxy;
    fastcgi_temp_path ${folder}/fastcgi;
    uwsgi_temp_path ${folder}/uwsgi;
    scgi_temp_path ${folder}/scgi;
    gzip on;
    gzip_types application/json text/event-stream;
    server {
      listen 127.0.0.1:${port};
      location / {
        proxy_pass ${targetUrl};
        proxy_buffering on;
        proxy_read_timeout 5s;
      }
    }
  }
`;

async function findNginx(): Promise<string> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  const found = folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path));
  if (found !== undefined) return found;
  if (!existsSync('/usr/bin/apt-get')) throw new MissingTool('nginx');
  const folder = await installedOnce('nginx', { package: 'nginx', by: 'apt' }, async (to) => {
    const script = 'apt-get download nginx && dpkg -x nginx_*.deb .';
    await runProgram('sh', ['-c', script], { cwd: to }).catch((error: unknown) => {
      throw Object.assign(new MissingTool('nginx'), { cause: error });
    });
  });
  return join(folder, 'usr/sbin/nginx');
}
