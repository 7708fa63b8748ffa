import { Option, type Command } from 'commander';
import { DURATION_PATTERN, durationMs } from '../../../definitions/duration.ts';
import { BackhaulError } from '../../../vocabulary/backhaul-error.ts';
import { roles, type Role } from '../../../vocabulary/role.ts';
import type { ApiKey } from '../../api-keys.ts';
import { asCount } from '../as-count.ts';
import type { Cli } from '../cli.ts';
import { printJson, table } from '../output.ts';

interface CreateOptions {
  role: Role;
  name?: string;
  expires?: string;
  json?: boolean;
}

/** Keys of the HTTP API, and what was done with them. */
export function keyCommands(program: Command, cli: Cli): void {
  const keys = program.command('keys').description('keys of the HTTP API: create, list, revoke');

  keys
    .command('create')
    .description('make a key; it is printed once')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).makeOptionMandatory())
    .option('--name <name>', 'what it is for, as the audit log shows it')
    .option('--expires <duration>', 'from now on, such as 90d (default: never)')
    .option('--json', 'print one JSON document')
    .action((options: CreateOptions) =>
      cli.withBackhaul(async (backhaul) => {
        const { expires, name, role } = options;
        const made = await backhaul.keys.create({
          role,
          name: name ?? role,
          expiresAt: expires === undefined ? null : expiry(expires),
        });
        if (options.json) return printJson(cli.io, made);
        cli.io.out(made.text);
        cli.io.err(
          `Key ${made.key.id}, role ${role}. It is not shown again: keep it where secrets are kept.`,
        );
      }),
    );

  keys
    .command('list')
    .description('keys with their role and last use')
    .option('--json', 'print one JSON array')
    .action((options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const listed = await backhaul.keys.list();
        if (options.json) return printJson(cli.io, listed);
        table(
          cli.io,
          ['ID', 'NAME', 'ROLE', 'CREATED', 'LAST USED', 'STATE'],
          listed.map((key) => [
            key.id,
            key.name,
            key.role,
            key.createdAt,
            key.lastUsedAt ?? 'never',
            stateOf(key),
          ]),
        );
      }),
    );

  keys
    .command('revoke')
    .description('from now on it proves nothing')
    .argument('<id>')
    .option('--json', 'print one JSON document')
    .action((id: string, options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const key = await backhaul.keys.revoke(id);
        if (options.json) printJson(cli.io, key);
        else cli.io.err(`Key ${key.id} (${key.name}) is revoked.`);
      }),
    );

  program
    .command('audit')
    .description('what was changed, and which row values were read, through the HTTP API')
    .option('--limit <n>', 'most that are listed', asCount, 100)
    .option('--json', 'print one JSON array')
    .action((options: { limit: number; json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const entries = await backhaul.audit.list({ limit: options.limit });
        if (options.json) return printJson(cli.io, entries);
        table(
          cli.io,
          ['AT', 'KEY', 'WHAT', 'TARGET', 'STATUS'],
          entries.map(({ action, at, key, status, target }) => [
            at,
            key.name,
            action,
            target ?? '',
            `${status}`,
          ]),
        );
      }),
    );
}

function expiry(text: string): string {
  if (!DURATION_PATTERN.test(text)) throw new BackhaulError('usage', '--expires is a duration such as 90d');
  return new Date(Date.now() + durationMs(text)).toISOString();
}

function stateOf({ expiresAt, revokedAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${revokedAt}`;
  if (expiresAt === null) return 'in force';
  return Date.parse(expiresAt) > Date.now() ? `until ${expiresAt}` : `expired ${expiresAt}`;
}
