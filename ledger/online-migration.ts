import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type Migration,
} from 'kysely';

/**
 * Whether a migration can be applied while runs are going on: it makes tables, and columns that PostgreSQL adds without
 * rewriting a table, and drops checks. An index on a table that was there, or a change of its rows, keeps others from writing while it lasts.
 */
export async function isOnline(migration: Migration): Promise<boolean> {
  const made = new Set<string>();
  return (await statementsOf(migration)).every((statement) => {
    const table = /^create table (?:if not exists )?"?(\w+)"?/.exec(statement)?.[1];
    if (table !== undefined) {
      made.add(table);
      return true;
    }
    const indexed = /^create (?:unique )?index .*? on "?(\w+)"?/.exec(statement)?.[1];
    if (indexed !== undefined) return made.has(indexed);
    return ADDS_COLUMNS.test(statement) || DROPS_CHECK.test(statement);
  });
}

/** Every part of it adds a column, none of which checks or rewrites the rows that are there. */
const ADDS_COLUMNS =
  /^alter table \S+ add column (?:(?!\b(?:drop|alter|references|generated|gen_random_uuid|random|clock_timestamp)\b).)*$/;

const DROPS_CHECK = /^alter table \S+ drop constraint \S+_check$/;

/** What it would say to PostgreSQL, small and on one line each. */
async function statementsOf(migration: Migration): Promise<string[]> {
  const statements: string[] = [];
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (one) => new PostgresIntrospector(one),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: ({ query }) => void statements.push(query.sql.replace(/\s+/g, ' ').trim().toLowerCase()),
  });
  await migration.up(db);
  return statements;
}
