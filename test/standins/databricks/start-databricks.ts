import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { freePort } from '../../../dev/free-port.ts';
import { standardRows } from '../../conformance/standard-rows.ts';
import { MissingTool } from '../missing-tool.ts';
import { pythonPackages } from '../python.ts';
import { runProgram } from '../run-program.ts';
import { startServer } from '../server.ts';
import { takeTurn } from '../start-or-skip.ts';

const PACKAGES = ['pyspark==4.3.0', 'pyarrow==26.0.1', 'databricks-sdk==0.156.0'];

export interface DatabricksStandIn {
  origin: string;
  /** The same server behind a certificate that nobody vouches for. */
  tlsOrigin: string;
  /** Programs of the Python that it runs in, which has Databricks' own client as well. */
  python: string;
  /** Lets something go wrong so many times. */
  faults(times: Readonly<Record<string, number>>): Promise<void>;
  control(what: 'state' | 'expire' | 'revoke-tokens'): Promise<StandInState>;
  close(): Promise<void>;
}

export interface StandInState {
  running: number;
  /** By statement. */
  states: Record<string, string>;
  /** Requests for `token`, `chunk`, `download`. */
  counts: Record<string, number>;
}

/** The Statement Execution API in front of real Spark SQL, with the standard rows in `users`. */
export async function startDatabricksStandIn(): Promise<DatabricksStandIn> {
  const python = await sparkPython();
  const endTurn = await takeTurn();
  const tls = (file: string): string => join(import.meta.dirname, '../../fixtures/tls', file);
  try {
    const [port, tlsPort] = [await freePort(), await freePort()];
    const server = await startServer({
      name: 'databricks',
      prepare: (folder) => pipeline(Readable.from(lines()), createWriteStream(join(folder, 'users.jsonl'))),
      program: (folder) => ({
        command: python,
        args: [
          join(import.meta.dirname, 'sea_server.py'),
          String(port),
          String(tlsPort),
          folder,
          tls('server.pem'),
          tls('server.key'),
        ],
        env: { SPARK_LOCAL_IP: '127.0.0.1', PYSPARK_PYTHON: python, PYTHONDONTWRITEBYTECODE: '1' },
      }),
      ready: (log) => log.includes('SEA READY'),
    });
    const origin = `http://127.0.0.1:${port}`;
    const ask = async (what: string, body: object): Promise<StandInState> => {
      const answer = await fetch(`${origin}/control/${what}`, { method: 'POST', body: JSON.stringify(body) });
      return (await answer.json()) as StandInState;
    };
    return {
      origin,
      tlsOrigin: `https://127.0.0.1:${tlsPort}`,
      python,
      faults: async (times) => void (await ask('faults', times)),
      control: (what) => ask(what, {}),
      close: async () => {
        await server.stop();
        await endTurn();
      },
    };
  } catch (error) {
    await endTurn();
    throw error;
  }
}

/** A Python that has Spark and pyarrow. */
export async function sparkPython(): Promise<string> {
  await requireJava();
  return join(await pythonPackages('databricks', ['3.11', '3.12', '3.13'], PACKAGES), 'python');
}

async function requireJava(): Promise<void> {
  try {
    if (/^(openjdk|java) (1[7-9]|2\d)\b/m.test(await runProgram('java', ['--version']))) return;
  } catch {
    // Not there.
  }
  throw new MissingTool('Java 17');
}

function* lines(): Generator<string> {
  for (const row of standardRows()) yield `${JSON.stringify(row)}\n`;
}
