import type { ExitCode } from '../../vocabulary/errors.ts';
import type { Backhaul } from '../backhaul.ts';
import { connect } from '../connect.ts';
import type { CliIo } from './io.ts';

/** Exit code of Ctrl-C, as shells have it: 128 + SIGINT. */
export const INTERRUPTED = 130;

/** What every command gets. */
export interface Cli {
  io: CliIo;
  /** Connects to the installation for the time of the work. */
  withBackhaul<T>(work: (backhaul: Backhaul) => Promise<T>): Promise<T>;
  exitWith(code: ExitCode | typeof INTERRUPTED): void;
  exitCode(): number;
}

export function createCli(io: CliIo): Cli {
  let code: number = 0;
  return {
    io,
    async withBackhaul(work) {
      const backhaul = await connect(io.env);
      try {
        return await work(backhaul);
      } finally {
        await backhaul.close();
      }
    },
    exitWith(given) {
      code = given;
    },
    exitCode: () => code,
  };
}
