import { join } from 'node:path';
import { freePort } from '../../dev/free-port.ts';
import { pythonPackages } from './python.ts';
import { startServer } from './server.ts';

export interface Gcs {
  origin: string;
  close(): Promise<void>;
}

/** An emulator of Google Cloud Storage, which holds objects in memory. */
export async function startGcs(bucket: string): Promise<Gcs> {
  const programs = await pythonPackages('gcs', ['3.11', '3.12', '3.13'], ['gcp-storage-emulator==2026.7.19']);
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const server = await startServer({
    name: 'gcs',
    program: () => ({
      command: join(programs, 'gcp-storage-emulator'),
      args: ['start', '--host=127.0.0.1', `--port=${port}`, '--in-memory', `--default-bucket=${bucket}`],
    }),
    ready: async () => (await fetch(`${origin}/storage/v1/b/${bucket}`)).ok,
  });
  return { origin, close: () => server.stop() };
}
