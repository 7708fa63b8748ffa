import type { Command } from 'commander';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';

const promised = {
  serve: 'the HTTP API',
  keys: 'keys of the HTTP API',
} as const;

/** Commands of the public interface that are not built yet: refused, never accepted and ignored. */
export function refusedCommands(program: Command): void {
  for (const [name, what] of Object.entries(promised)) {
    program
      .command(name, { hidden: true })
      .argument('[anything...]')
      .allowUnknownOption()
      .action(() => {
        throw new BackhaulError('not_available_yet', `backhaul ${name}: ${what}`);
      });
  }
}
