import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** As built by `npm run build`, as `npm run demo` starts it. */
const MAIN = fileURLToPath(new URL('../../dist/dev/demo/main.js', import.meta.url));
const TIMEOUT_MS = 300_000;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backhaul-demo-'));
  // For root PostgreSQL runs as another user, and would lie elsewhere if that one could not enter.
  await chmod(folder, 0o755);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Ended {
  exit: number | null;
  text: string;
}

/** @param stopAt text at which it gets a Ctrl-C */
function runDemo(args: string[], stopAt?: string): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { ...process.env, BACKHAUL_HOME: join(folder, 'home') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  let stopped = false;
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (stopped || stopAt === undefined || !text.includes(stopAt)) return;
    stopped = true;
    child.kill('SIGINT');
  });
  return new Promise((resolve) => child.on('close', (exit) => resolve({ exit, text })));
}

const cells = (text: string, name: string): string[] =>
  text
    .split('\n')
    .find((line) => line.trimStart().startsWith(name))
    ?.trim()
    .split(/ {2,}/)
    .slice(1) ?? [];

test(
  'with --once the demo runs the sync, changes one percent, runs it again, and exits',
  async () => {
    const { exit, text } = await runDemo(['--once']);
    expect(cells(text, 'status')).toEqual(['completed', 'completed']);
    expect(cells(text, 'rows read')).toEqual(['40,000', '40,000']);
    expect(cells(text, 'added')).toEqual(['39,993', '1']);
    expect(cells(text, 'changed')).toEqual(['0', '399']);
    expect(cells(text, 'unchanged')).toEqual(['0', '39,593']);
    expect(cells(text, 'removed')).toEqual(['0', '1']);
    expect(cells(text, 'invalid')).toEqual(['7', '7']);
    expect(cells(text, 'accepted')).toEqual(['39,993', '400']);
    for (const reason of [
      'duplicate_key',
      'null_key',
      'empty_key',
      'too_large',
      'not_finite',
      'timestamp_out_of_range',
    ]) {
      expect(text).toContain(reason);
    }
    expect(text).toContain('That is what the runs say.');
    expect(exit).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  'started again the demo begins anew, and stays up with its addresses until Ctrl-C',
  async () => {
    const { exit, text } = await runDemo([], 'Ctrl-C stops everything.');
    expect(text).toContain('What the last demo left is cleared');
    expect(cells(text, 'accepted')).toEqual(['39,993', '400']);
    expect(text).toMatch(
      /first run in Temporal +http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/sync%2Fusers\//,
    );
    expect(text).toMatch(/the HTTP API +http:\/\/127\.0\.0\.1:\d+\/reference \(a key: in .*api-key\)/);
    expect(text).toMatch(/the receiver +http:\/\/127\.0\.0\.1:\d+/);
    expect(text).toContain('Everything has stopped.');
    expect(exit).toBe(0);
    expect(existsSync(join(folder, 'home', 'demo', 'dev.json'))).toBe(true);
    expect(existsSync(join(folder, 'home', 'dev.json'))).toBe(false);
  },
  TIMEOUT_MS,
);
