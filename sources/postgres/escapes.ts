/**
 * Functions that reach out of a read-only transaction that is rolled back: what they do lasts, or is done elsewhere. Those of
 * PostgreSQL, of the extensions that come with it, of those that its clouds offer, and of Redshift. A function of a user
 * cannot be known by its name: what makes it sure are the grants (docs/sources/postgres.md).
 */
const ESCAPES: readonly RegExp[] = [
  // Other sessions, and this one.
  /^pg_(terminate|cancel)_backend$|^set_config$|^pg_(try_)?advisory_|^pg_notify$/,
  /^change_(query|session|user)_priority$/,
  // Sequences and large objects.
  /^(nextval|setval)$|^lo_(import|export|create?|unlink|put|truncate(64)?|from_bytea)$|^lowrite$/,
  // Files of the server.
  /^pg_(read|ls|file|logfile)_|^pg_rotate_logfile/,
  // The server itself: its settings, its log of changes, its statistics.
  /^pg_(reload_conf|promote|create_restore_point|switch_(wal|xlog)|log_(backend|standby))/,
  /^pg_((start|stop)_backup|backup_(start|stop)|wal_replay_|xlog_replay_|stat_.*reset|buffercache_evict)/,
  /^pg_(create|drop|copy)_.*slot$|^pg_(replication|sync_replication|logical)_/,
  // Statements in a text, which nobody has parsed.
  /^(query_to_xml|cursor_to_xml|ts_stat|ts_rewrite|crosstab|connectby|xpath_table|dblink|pg_background_)/,
  /^run_command_on_/,
  // Other services.
  /^http(_(get|post|put|patch|delete|head))?$|^query_export_to_s3$|^table_import_from_s3$/,
];
/** Schemas of extensions all of whose functions do. */
const ESCAPING_SCHEMAS: readonly string[] = ['aws_lambda', 'aws_s3'];

/** @param name in lower case */
export const escapes = (name: string, schema = ''): boolean =>
  ESCAPING_SCHEMAS.includes(schema) || ESCAPES.some((pattern) => pattern.test(name));
