import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../../../dev/free-port.ts';
import { installedOnce } from '../cache.ts';
import { pythonPackages } from '../python.ts';
import { runProgram } from '../run-program.ts';
import { startServer, type Server } from '../server.ts';

export const PROJECT = 'demo';

/** local-bigquery 0.4 wants a DuckDB that has no extensions on PyPI: it would fetch them from elsewhere. */
const DUCKDB = '1.5.5';
const EXTENSIONS = ['ducklake', 'icu', 'spatial', 'avro'];
const PACKAGES = [
  'local-bigquery==0.3.2',
  `duckdb==${DUCKDB}`,
  `duckdb-extensions==${DUCKDB}`,
  ...EXTENSIONS.map((extension) => `duckdb-extension-${extension}==${DUCKDB}`),
];

export interface LocalBigQuery {
  server: Server;
  /** `http://127.0.0.1:port` */
  rest: string;
  grpcPort: number;
  /** What it takes for `gs://`: a folder a bucket. */
  buckets: string;
}

/**
 * The emulator local-bigquery (https://github.com/novucs/local-bigquery): BigQuery's API over DuckDB. It asks for no
 * credentials, bills nothing, and has no limits: that is the work of the gate in front of it.
 */
export async function startLocalBigQuery(): Promise<LocalBigQuery> {
  const programs = await pythonPackages('local-bigquery', ['3.13'], PACKAGES);
  // DuckDB keeps its extensions in the home folder: not in that of whoever runs the tests.
  const home = await installedOnce('local-bigquery-extensions', { programs, EXTENSIONS }, async (folder) => {
    await runProgram(
      join(programs, 'python'),
      [
        '-c',
        `import duckdb_extensions as x\nfor name in ${JSON.stringify(EXTENSIONS)}: x.import_extension(name)`,
      ],
      { env: { ...process.env, HOME: folder } },
    );
  });
  const [port, grpcPort] = [await freePort(), await freePort()];
  const rest = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: 'local-bigquery',
    prepare: async (folder) => void (await mkdir(join(folder, 'data', 'gcs'), { recursive: true })),
    program: (folder) => ({
      command: join(programs, 'local-bigquery'),
      args: [
        'serve',
        ...['--host', '127.0.0.1', '--port', String(port), '--grpc-port', String(grpcPort)],
        ...['--project', PROJECT, '--data-dir', join(folder, 'data')],
      ],
      env: { HOME: home },
    }),
    ready: async () => (await fetch(`${rest}/bigquery/v2/projects/${PROJECT}/datasets`)).ok,
  });
  return { server, rest, grpcPort, buckets: join(server.folder, 'data', 'gcs') };
}
