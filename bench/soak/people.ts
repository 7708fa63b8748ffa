import type { Receiver } from '../../dev/receiver/receiver.ts';
import type { Query } from './account.ts';

/** Rows of all syncs of a soak, each with a version that rises when it changes. */
export interface People {
  /** The model of a sync. */
  modelOf(sync: string): string;
  /** Changes some rows of the next sync. */
  change(): Promise<void>;
  /** Rows that the receiver does not have as they are. */
  missing(receiver: Receiver): Promise<number>;
}

const CHANGED_OF = 10;

export async function loadPeople(warehouse: Query, syncs: readonly string[], rows: number): Promise<People> {
  await warehouse('create table people (sync text, n integer, user_id text primary key, version integer)');
  await warehouse('create index people_of_sync on people (sync)');
  for (const sync of syncs)
    await warehouse(
      `insert into people select $1, n, $1 || '-' || n, 1 from generate_series(1, $2::integer) n`,
      [sync, rows],
    );
  let changes = 0;
  return {
    modelOf: (sync) => `select user_id, version from people where sync = '${sync}'`,
    async change() {
      const sync = syncs[changes % syncs.length];
      changes += 1;
      await warehouse(
        `update people set version = version + 1 where sync = $1 and n % ${CHANGED_OF} = $2::integer % ${CHANGED_OF}`,
        [sync, changes],
      );
    },
    async missing(receiver) {
      const users = receiver.users();
      const all = (await warehouse('select user_id, version from people')) as {
        user_id: string;
        version: number;
      }[];
      return all.filter(({ user_id, version }) => users.get(user_id)?.traits.version !== version).length;
    },
  };
}
