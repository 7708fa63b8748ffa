import { compareSchema } from '../../ledger/migrate.ts';
import type { ClientConnection } from '../connection.ts';
import { checked, type Checked } from './checked.ts';

/** What `migrate` would do, and who could not go on meanwhile. */
export async function checkLedger({ ledger }: ClientConnection): Promise<Checked> {
  const { missing, newer, tooNew } = await compareSchema(ledger);
  const names = missing.map(({ name }) => name).join(', ');
  return checked('ledger', {
    failing: tooNew.map((name) => `${name} is of a newer version, which this one cannot work with`),
    warning: missing.flatMap(({ breaking, name, online }) => [
      ...(online ? [] : [`${name} locks a table while it is applied: migrate when no run is going on`]),
      ...(breaking ? [`older workers cannot work with ${name}: stop them before \`backhaul migrate\``] : []),
    ]),
    passing: [
      names === '' ? 'the schema is of this version' : `\`backhaul migrate\` applies ${names}`,
      ...newer.map((name) => `${name} is of a newer version; this one works with it`),
    ],
  });
}
