import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import ts from 'typescript';
import { root } from './pages.ts';
import { stepsOf, type PageStep } from './page-steps.ts';
import { otherFields } from './json-fields.ts';
import { exchangesOf, firstNotSaid } from './session.ts';
import { BACKHAUL } from './worker-process.ts';

export interface Reader {
  /** Where the reader sits: files of the page are written here, and commands run here. */
  folder: string;
  /** The environment of the reader's shell. Keep what it has to say in mind: a page may add to it. */
  env: NodeJS.ProcessEnv;
  /** What this reader puts in the place of what the page says. Each has to be on the page. */
  puts?: readonly (readonly [says: string, puts: string])[];
  /** Lines that are said to this reader alone, such as a warning of the test's own set-up. */
  ignores?: RegExp;
  /** What this reader does instead of a step that is not run. */
  instead?: (step: PageStep) => Promise<void>;
}

export interface ReadAlong {
  /** Places of steps that were run, and of those that were not, with the reason. */
  ran: string[];
  notRun: Map<string, string>;
}

export interface ReadersFolder {
  folder: string;
  close(): Promise<void>;
}

export async function openReadersFolder(): Promise<ReadersFolder> {
  const folder = await mkdtemp(join(tmpdir(), 'backhaul-reader-'));
  return { folder, close: () => rm(folder, { recursive: true, force: true }) };
}

/** Where a shell of one step leaves its environment for the next one. */
const SHELL_STATE = '.shell-state';

/**
 * Does what a page says, as a reader would: writes its files, runs its commands and programs, one after the other, in one folder
 * and one shell. Throws at the first step that does not end as the page says.
 */
export async function readAlong(page: string, reader: Reader): Promise<ReadAlong> {
  const puts = (reader.puts ?? []).map(([says, by]) => ({ says, by, used: false }));
  const inPlace = (text: string): string =>
    puts.reduce((whole, put) => {
      if (!whole.includes(put.says)) return whole;
      put.used = true;
      return whole.replaceAll(put.says, put.by);
    }, text);
  const seen: ReadAlong = { ran: [], notRun: new Map() };
  const up: ChildProcess[] = [];
  let said = '';
  await sitDown(reader);
  try {
    for (const step of stepsOf(page)) {
      if (step.notRun !== null) {
        seen.notRun.set(step.at, step.notRun);
        await reader.instead?.(step);
        continue;
      }
      said = await take({ ...step, text: inPlace(step.text) }, reader, up, said);
      seen.ran.push(step.at);
    }
  } finally {
    await Promise.all(up.map(stop));
  }
  const unused = puts.filter(({ used }) => !used).map(({ says }) => says);
  if (unused.length > 0) throw new Error(`${page} does not say ${unused.join(', ')}`);
  return seen;
}

/** Lays into a folder what its reader calls: `backhaul`, by npx too, and the library to import. */
export async function sitDown({ folder }: Pick<Reader, 'folder'>): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await symlink(root, join(folder, 'node_modules', 'backhaul'));
  const call = `exec '${process.execPath}' '${BACKHAUL}' "$@"`;
  // As npx says it to what it starts.
  const npx = `[ "$1" = backhaul ] || { echo "npx $1: nothing of ours" >&2; exit 127; }\nshift\nexport npm_command=exec\n${call}`;
  for (const [name, script] of Object.entries({ backhaul: call, npx })) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  await writeFile(join(folder, SHELL_STATE), '');
}

/** @param before what the step before it said @returns what this one says */
async function take(step: PageStep, reader: Reader, up: ChildProcess[], before: string): Promise<string> {
  switch (step.kind) {
    case 'file':
      await mkdir(dirname(join(reader.folder, step.name)), { recursive: true });
      await writeFile(join(reader.folder, step.name), step.text);
      return '';
    case 'shell': {
      if (step.staysUpAfter !== null) {
        up.push(await leaveUp(step, step.staysUpAfter, reader));
        return '';
      }
      const result = await shell(step.text, reader);
      await expectEnd(step, step.text, result);
      return result.said;
    }
    case 'answer': {
      const differing = otherFields(step.text, before);
      if (differing.length > 0)
        throw failure(step, 'the answer', `has, or lacks, ${differing.join(', ')}`, before);
      return before;
    }
    case 'session':
      for (const { command, says } of exchangesOf(step.text)) {
        const result = await shell(command, reader);
        await expectEnd(step, command, result);
        const { ignores } = reader;
        const heard = result.said.split('\n').filter((line) => ignores?.test(line) !== true);
        const missing = firstNotSaid(says, heard.join('\n'));
        if (missing !== null) throw failure(step, command, `did not say "${missing}"`, result.said);
      }
      return '';
    case 'program': {
      const file = `${step.at.replace(/\W/g, '-')}.mjs`;
      const options = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext };
      const { outputText } = ts.transpileModule(step.text, { compilerOptions: options });
      await writeFile(join(reader.folder, file), outputText);
      await expectEnd(step, file, await shell(`node ${file}`, reader));
      return '';
    }
  }
}

interface Result {
  code: number | null;
  /** On both streams, in order. */
  said: string;
}

async function expectEnd({ at, endsWith }: PageStep, command: string, { code, said }: Result): Promise<void> {
  if (code !== endsWith) throw failure({ at }, command, `ended with ${code}, not with ${endsWith}`, said);
}

const failure = ({ at }: Pick<PageStep, 'at'>, command: string, how: string, said: string): Error =>
  new Error(`${at}: ${command.trim()}\n${how}. It said:\n${said}`);

/** `RUN` is the newest run, as a reader would look it up. */
const NEWEST_RUN = `newest_run() {
  backhaul runs --limit 1 --json | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8"))[0].id'
}`;
const withRuns = (text: string): string => text.replace(/\bRUN\b/g, '$(newest_run)');

const PRELUDE = ['set -eu -o pipefail', `. ./${SHELL_STATE}`, NEWEST_RUN, 'exec 2>&1'];

function start(script: readonly string[], { env, folder }: Reader): ChildProcess {
  return spawn('bash', ['-c', script.join('\n')], {
    cwd: folder,
    env: { ...env, PATH: `${join(folder, 'bin')}:${dirname(process.execPath)}:${env.PATH ?? ''}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}

async function shell(text: string, reader: Reader): Promise<Result> {
  // `a && b` does not end a shell that ends at errors.
  const script = [...PRELUDE, withRuns(text), 'ended=$?', `export -p > ${SHELL_STATE}`, 'exit $ended'];
  const child = start(script, reader);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, said };
}

async function leaveUp(step: PageStep, text: string, reader: Reader): Promise<ChildProcess> {
  const child = start([...PRELUDE, step.text], reader);
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  while (!said.includes(text)) {
    if (child.exitCode !== null) throw failure(step, step.text, `ended with ${child.exitCode}`, said);
    await sleep(50);
  }
  return child;
}

/** Ctrl-C, which goes to all that the shell has started. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const closed = once(child, 'close');
  process.kill(-child.pid, 'SIGINT');
  await closed;
}
