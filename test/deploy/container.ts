import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, type ComposeService } from './compose-file.ts';

/** A container's process, without its container. */
export interface Container {
  /** Everything that it has said so far. */
  said(): string;
  /** Resolves once it has said this; rejects when it ends before. */
  says(text: string): Promise<void>;
  stop(signal: NodeJS.Signals): void;
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** What the image runs, where the Dockerfile puts it. */
const IMAGE_ENTRYPOINT = ['node', '/app/dist/bin/backhaul.js'];

export interface Surroundings {
  /** What stands in a container for what is here: hosts with ports, folders. */
  places: ReadonlyMap<string, string>;
  /** Beyond what the Compose file says: what the image or `env_file` brings. */
  environment: Readonly<Record<string, string>>;
}

/** Starts what a service of the Compose file would run, with that environment and no other. */
export function startContainer(
  service: ComposeService,
  command: readonly string[],
  { places, environment }: Surroundings,
): Container {
  const mounts = service.volumes
    .filter((volume) => volume.startsWith('./'))
    .map((volume) => volume.split(':'))
    .map(([source = '', target = '']): [string, string] => [target, join(ROOT, source)]);
  const all = [...mounts, ...places, ['/app/', ROOT] as const];
  const here = (text: string): string =>
    all.reduce((known, [there, local]) => known.replaceAll(there, local), text);

  const [program = '', ...args] = [...(service.entrypoint ?? IMAGE_ENTRYPOINT), ...command].map(here);
  const own = Object.entries(service.environment).map(([name, value]): [string, string] => [
    name,
    here(value),
  ]);
  const env = Object.fromEntries([...own, ...Object.entries(environment)]);
  const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });

  let output = '';
  const listeners = new Set<() => void>();
  const heard = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', heard);
  child.stderr.on('data', heard);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });

  return {
    said: () => output,
    says: (text) =>
      new Promise((resolve, reject) => {
        const listener = (): void => {
          if (!output.includes(text)) return;
          listeners.delete(listener);
          resolve();
        };
        listeners.add(listener);
        listener();
        exited.then(
          ({ code }) => reject(new Error(`It ended with ${code} before it said “${text}”:\n${output}`)),
          reject,
        );
      }),
    stop: (signal) => void child.kill(signal),
    exited,
  };
}
