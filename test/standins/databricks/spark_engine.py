"""Real Spark SQL, asked for the texts that a SQL warehouse puts into a JSON_ARRAY result."""

import os

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql import types as T

TYPE_NAMES = {
    T.LongType: 'LONG', T.IntegerType: 'INT', T.ShortType: 'SHORT', T.ByteType: 'BYTE', T.StringType: 'STRING',
    T.BooleanType: 'BOOLEAN', T.DoubleType: 'DOUBLE', T.FloatType: 'FLOAT', T.DateType: 'DATE',
    T.TimestampType: 'TIMESTAMP', T.TimestampNTZType: 'TIMESTAMP', T.BinaryType: 'BINARY', T.ArrayType: 'ARRAY',
    T.MapType: 'MAP', T.StructType: 'STRUCT', T.DecimalType: 'DECIMAL', T.NullType: 'NULL',
}
NESTED = (T.ArrayType, T.MapType, T.StructType, T.VariantType)

# All that an administrator could set for a warehouse and that would change texts.
HOSTILE = {
    'spark.sql.session.timeZone': 'Asia/Kolkata',
    'spark.sql.ansi.enabled': 'false',
    'spark.sql.jsonGenerator.ignoreNullFields': 'true',
    'spark.sql.legacy.chunkBase64String.enabled': 'true',
    'spark.sql.legacy.interval.enabled': 'false',
}

spark = None
sessions = {}


def start(folder):
    """Starts Spark in this folder; takes some ten seconds."""
    global spark
    spark = (
        SparkSession.builder.master('local[2]').appName('sea')
        .config('spark.ui.enabled', 'false')
        .config('spark.driver.memory', '1g')
        # For a server that lives for a minute: less is compiled, which halves the CPU that it takes.
        .config('spark.driver.extraJavaOptions', '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC')
        .config('spark.driver.bindAddress', '127.0.0.1')
        .config('spark.driver.host', '127.0.0.1')
        .config('spark.sql.session.timeZone', 'UTC')
        .config('spark.sql.shuffle.partitions', '2')
        .config('spark.sql.warehouse.dir', os.path.join(folder, 'warehouse'))
        .config('spark.sql.catalogImplementation', 'in-memory')
        .getOrCreate()
    )
    spark.sparkContext.setLogLevel('OFF')


def session(name):
    """The session of a warehouse; `hostile` has other defaults."""
    if name not in sessions:
        made = spark.newSession()
        for key, value in (HOSTILE if name == 'hostile' else {}).items():
            made.conf.set(key, value)
        add_functions(made)
        sessions[name] = made
    return sessions[name]


def add_functions(made):
    # Defined in here, they are sent to the workers of Spark, which do not know this module.
    def wait_a_second(value):
        import time
        time.sleep(1)
        return str(value)

    made.udf.register('wait_a_second', wait_a_second, 'string')
    made.udf.register('is_account_group_member', lambda group: group == 'account users', 'boolean')


def column(position, field):
    described = {
        'name': field.name,
        'position': position,
        'type_name': TYPE_NAMES.get(type(field.dataType), 'INTERVAL' if 'Interval' in type(field.dataType).__name__ else 'USER_DEFINED_TYPE'),
        'type_text': field.dataType.simpleString().upper(),
    }
    if isinstance(field.dataType, T.DecimalType):
        described.update(type_precision=field.dataType.precision, type_scale=field.dataType.scale)
    return described


def as_text(name, kind):
    value = F.col(name)
    if isinstance(kind, NESTED):
        return F.to_json(value)
    if isinstance(kind, T.TimestampType):
        return F.date_format(value, "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")
    if isinstance(kind, T.TimestampNTZType):
        return F.date_format(value, "yyyy-MM-dd'T'HH:mm:ss.SSS")
    if isinstance(kind, T.BinaryType):
        return F.base64(value)
    return value.cast('string')


def execute(statement_id, warehouse, schema, sql):
    """
    Runs a statement in a session of its own, as each statement of the API has.

    Returns its columns and an Arrow column with one JSON array of texts a row.
    """
    spark.sparkContext.setJobGroup(statement_id, statement_id, True)
    here = session(warehouse)
    here.sql(f'use `{schema or "default"}`')
    frame = here.sql(sql)
    fields = frame.schema.fields
    columns = [column(position, field) for position, field in enumerate(fields)]
    frame = frame.toDF(*[f'c{position}' for position in range(len(fields))])
    texts = [as_text(f'c{position}', field.dataType) for position, field in enumerate(fields)]
    rows = frame.select(F.to_json(F.array(*texts)).alias('row')).toArrow().column(0)
    return columns, rows


def cancel(statement_id):
    spark.sparkContext.cancelJobGroup(statement_id)


def load(users_file):
    """The standard rows as a Parquet table, and what the information schema says to each principal."""
    spark.read.schema('id long, email string, logins int, score string, ratio double, active boolean, seen_at string, born string, note string').json(users_file).createTempView('loaded')
    spark.sql("""
        create table users using parquet as
        select id, email, logins, cast(score as decimal(12, 2)) as score, ratio, active,
               cast(seen_at as timestamp) as seen_at, cast(born as date) as born, note
        from loaded""")
    spark.sql('create table hidden using parquet as select 1 as id')
    for principal, privilege, owns in (
            ('reader', 'SELECT', None), ('writer', 'MODIFY', None),
            ('table_owner', 'SELECT', 'table'), ('schema_owner', 'SELECT', 'schema'), ('catalog_owner', 'SELECT', 'catalog')):
        owner = {kind: 'current_user()' if kind == owns else "'somebody else'" for kind in ('table', 'schema', 'catalog')}
        table = "'main' as table_catalog, 'app' as table_schema, 'users' as table_name"
        told = {
            'table_privileges': f"select current_user() as grantee, {table}, '{privilege}' as privilege_type",
            'tables': f"select {table}, {owner['table']} as table_owner",
            'schemata': f"select 'main' as catalog_name, 'app' as schema_name, {owner['schema']} as schema_owner",
            'catalogs': f"select 'main' as catalog_name, {owner['catalog']} as catalog_owner",
        }
        spark.sql(f'create schema grants_{principal}')
        for name, query in told.items():
            spark.sql(f'create view grants_{principal}.{name} as {query}')
