import type { Command } from 'commander';
import { connectionTypes } from '../../../definitions/connection-types.ts';
import type { Cli } from '../cli.ts';
import type { ConnectOptions } from '../connect/connect-options.ts';
import type { ExploreCredential } from '../connect/explore.ts';
import { printJson } from '../output.ts';

const collect = (value: string, before: string[]): string[] => [...before, value];

/** @param explore asks Segment what a token opens */
export function connectCommand(program: Command, cli: Cli, explore: ExploreCredential): void {
  program
    .command('connect')
    .description('ask for what a connection needs, test it, and store it with its secrets encrypted')
    .argument('<type>', connectionTypes.join(', '))
    .argument('[name]', 'of the connection; without it: the type')
    .option('--token-stdin', 'segment: read a token of the Public API from standard input')
    .option('--write-key-stdin', 'segment: read a write key from standard input')
    .option('--source <slug>', 'segment: the source to connect, by slug or id; may be repeated', collect, [])
    .option('--set <field=value>', 'a field that is not to be asked for; may be repeated', collect, [])
    .option('--secret-stdin <field>', 'read this field from standard input')
    .option('--yaml', 'print it as YAML with references to variables; store nothing')
    .option('--no-check', 'do not test it')
    .option('--yes', 'replace a connection of that name without asking')
    .option('--json', 'print one JSON document')
    .action(async (type: string, name: string | undefined, options: ConnectOptions) => {
      const { connect } = await import('../connect/connect.ts');
      await connect(cli, explore, type, name, options);
    });

  program
    .command('rotate-key')
    .description('encrypt every stored secret anew with the first of BACKHAUL_ENCRYPTION_KEYS')
    .option('--json', 'print one JSON document')
    .action((options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const done = await backhaul.connections.rotateKey();
        if (options.json) return printJson(cli.io, done);
        cli.io.out(`${done.rotated} of ${done.secrets} secrets encrypted anew`);
      }),
    );
}
