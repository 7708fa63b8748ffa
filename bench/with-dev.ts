import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDev, type RunningDev } from '../dev/supervisor/start-dev.ts';

/** What a bench says beside its figures. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** A `backhaul dev` of its own, with the database of the bench at its PostgreSQL; gone afterwards with its folder. */
export async function withDev(use: (dev: RunningDev, home: string) => Promise<void>): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'backhaul-bench-'));
  try {
    // PostgreSQL, which another user runs for root, has to pass through it.
    await chmod(home, 0o755);
    const dev = await startDev({
      home,
      env: process.env,
      report: say,
      beforeWorker: async (servers) => ({ BENCH_DATABASE_URL: await servers.ensureDatabase('bench') }),
    });
    try {
      await use(dev, home);
    } finally {
      await dev.stop();
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
