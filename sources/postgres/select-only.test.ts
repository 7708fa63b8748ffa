import { describe, expect, it } from '@jest/globals';
import { selectOf } from './select-only.ts';

const reading = (sql: string): Promise<string> => selectOf({ name: 'm', sql });

describe('postgres: a function that reaches out of its transaction is refused', () => {
  it.each([
    'pg_cancel_backend(1)',
    'pg_catalog.pg_terminate_backend(1)',
    '"pg_terminate_backend"(1)',
    "lo_import('/etc/passwd')",
    'lo_unlink(1)',
    "lowrite(1, 'x')",
    "setval('s', 1)",
    "pg_read_file('x')",
    "pg_file_write('x', 'y', true)",
    "pg_file_unlink('x')",
    'pg_logfile_rotate()',
    "pg_create_physical_replication_slot('s')",
    "pg_drop_replication_slot('s')",
    "pg_replication_slot_advance('s', '0/0')",
    "pg_logical_slot_get_changes('s', null, null)",
    "pg_logical_emit_message(false, 'a', 'b')",
    'pg_switch_wal()',
    'pg_promote()',
    'pg_wal_replay_pause()',
    'pg_stat_reset()',
    'pg_stat_statements_reset()',
    "dblink_exec('delete from t')",
    "query_to_xml('select pg_switch_wal()', true, true, '')",
    "ts_stat('select pg_switch_wal()')",
    "crosstab('select pg_switch_wal()')",
    "run_command_on_workers('delete from t')",
    "aws_s3.query_export_to_s3('select 1', 'b', 'k')",
    "aws_lambda.invoke('f', '{}')",
    "http_post('https://example.com', 'x', 'y')",
  ])('%s', async (call) => {
    for (const sql of [
      `select ${call} as a`,
      `select * from ${call} as a`,
      `with x as (select ${call} as b) select b as a from x`,
    ]) {
      await expect(reading(sql)).rejects.toMatchObject({ code: 'not_a_select' });
    }
  });

  it.each([
    'pg_stat_get_numscans(1)',
    'lo_get(1)',
    'currval(1)',
    'now()',
    'pg_size_pretty(1::bigint)',
    'invoke(1)',
  ])('but not %s', async (call) => {
    expect(await reading(`select ${call} as a`)).toBe(`select ${call} as a`);
  });
});
