import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backhaul, type CommandResult } from './cli.ts';
import { openInstallation, type InstallationOptions, type TestInstallation } from './installation.ts';

/** A person with a folder of definitions, and an installation whose warehouse has fifty `people`. */
export interface CommandLine {
  here: TestInstallation;
  /** The folder. */
  cwd: string;
  /** A command in that folder, which reaches the installation as it was opened. */
  run(...args: string[]): Promise<CommandResult>;
  write(text: string, name?: string): Promise<void>;
  /** The text of a file with a sync of `people`. */
  definitions(sync?: string, fields?: string): string;
  /** An empty folder, and a receiver that has got nothing and takes everything. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function openCommandLine(options: InstallationOptions): Promise<CommandLine> {
  const here = await openInstallation(options);
  await here.warehouse.query(
    "create table people as select g as id, 'name ' || g as name, 'pro' as plan from generate_series(1, 50) g",
  );
  const folder = async (): Promise<string> => mkdtemp(join(tmpdir(), 'backhaul-cli-'));
  const commandLine: CommandLine = {
    here,
    cwd: await folder(),
    run: (...args) => backhaul(args, { env: here.commandEnv, cwd: commandLine.cwd }),
    write: (text, name = 'backhaul.yaml') => writeFile(join(commandLine.cwd, name), text),
    definitions: (sync = 'people', fields = '') => `version: 1
connections:
  warehouse: { type: postgres, url: "\${WAREHOUSE_URL}" }
  segment: { type: segment, writeKey: "\${SEGMENT_WRITE_KEY}", trackingUrl: ${here.receiver.url}, eventsPerSecond: 100000 }
models:
  ${sync}:
    connection: warehouse
    sql: select id as user_id, name, plan from people
syncs:
  ${sync}:
    model: ${sync}
    destination: segment
    key: { from: user_id, to: userId }
    properties: all
    ${fields}
`,
    async reset() {
      await rm(commandLine.cwd, { recursive: true });
      commandLine.cwd = await folder();
      here.receiver.reset();
      here.receiver.respond(null);
    },
    async close() {
      await here.close();
      await rm(commandLine.cwd, { recursive: true });
    },
  };
  return commandLine;
}
