import type { Command } from 'commander';
import type { ReplayHistory } from '../../upgrade-check/check-open-runs.ts';
import type { Checked } from '../../upgrade-check/checked.ts';
import type { Cli } from '../cli.ts';
import type { Colors } from '../io.ts';
import { printJson } from '../output.ts';

/** `replay`: by a worker, which no command of a client loads. */
export function upgradeCheckCommand(program: Command, cli: Cli, replay: ReplayHistory): void {
  program
    .command('upgrade-check')
    .description('what upgrading the running installation to this version would meet; changes nothing')
    .option('--json', 'print one JSON document')
    .action(async (options: { json?: boolean }) => {
      const { io } = cli;
      const { checkUpgrade } = await import('../../upgrade-check/upgrade-check.ts');
      const result = await checkUpgrade(io.env, replay);
      if (options.json) printJson(io, result);
      else {
        for (const { check, says, verdict } of result.checks) {
          io.out(`${markOf(io.colors)[verdict]}  ${check}: ${says[0] ?? ''}`);
          for (const more of says.slice(1)) io.out(`        ${more}`);
        }
        io.err(
          result.passes
            ? `The installation can be upgraded to ${result.version}.`
            : `Mend what fails before you upgrade to ${result.version}.`,
        );
      }
      cli.exitWith(result.passes ? 0 : 1);
    });
}

const markOf = ({ green, red, yellow }: Colors): Record<Checked['verdict'], string> => ({
  passes: green('passes'),
  warns: yellow('warns '),
  fails: red('fails '),
});
