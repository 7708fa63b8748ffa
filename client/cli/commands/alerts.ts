import { Option, type Command } from 'commander';
import { notificationStatuses, type NotificationStatus } from '../../../vocabulary/alert.ts';
import { asCount } from '../as-count.ts';
import type { Cli } from '../cli.ts';
import { printJson, table } from '../output.ts';

interface NotificationsOptions {
  status?: NotificationStatus;
  limit: number;
  json?: boolean;
}

/** What stands, what was told to whom, and telling it again. */
export function alertCommands(program: Command, cli: Cli): void {
  program
    .command('alerts')
    .description('alerts that stand now')
    .option('--json', 'print one JSON array')
    .action(async (options: { json?: boolean }) => {
      const raised = await cli.withBackhaul((backhaul) => backhaul.alerts.list());
      if (options.json) return printJson(cli.io, raised);
      if (raised.length === 0) return cli.io.err('No alert stands.');
      table(
        cli.io,
        ['SYNC', 'ALERT', 'CONDITION', 'SINCE', 'WHAT'],
        raised.map(({ alert, condition, message, since, sync }) => [sync, alert, condition, since, message]),
      );
    });

  program
    .command('notifications')
    .description('what was told to whom, newest first')
    .argument('[sync]')
    .addOption(new Option('--status <status>', 'only those').choices(notificationStatuses))
    .option('--limit <n>', 'most that are listed', asCount, 20)
    .option('--json', 'print one JSON array')
    .action(async (sync: string | undefined, { json, limit, status }: NotificationsOptions) => {
      const filter = {
        limit,
        ...(sync !== undefined && { sync }),
        ...(status !== undefined && { status }),
      };
      const told = await cli.withBackhaul((backhaul) => backhaul.alerts.notifications(filter));
      if (json) return printJson(cli.io, told);
      if (told.length === 0) return cli.io.err('Nothing was told.');
      table(
        cli.io,
        ['ID', 'AT', 'SYNC', 'WHAT', 'CHANNEL', 'STATUS'],
        told.map((one) => [
          one.id,
          one.createdAt,
          one.sync,
          `${one.condition} ${one.event}`,
          one.channel,
          one.error === null ? one.status : `${one.status}: ${one.error.message}`,
        ]),
      );
    });

  program
    .command('redeliver')
    .description('send a notification again, to its connection as it stands now')
    .argument('<notification>')
    .option('--json', 'print one JSON document')
    .action((id: string, options: { json?: boolean }) =>
      cli.withBackhaul(async (backhaul) => {
        const notification = await backhaul.alerts.redeliver(id);
        if (options.json) return printJson(cli.io, notification);
        cli.io.err(`It is being sent to ${notification.channel}. Look: backhaul notifications`);
      }),
    );
}
