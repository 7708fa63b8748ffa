"""Runs statements in Spark and says what the last one finds; then what pyarrow finds in the same files, with the metadata of one."""

import json
import sys

import pyarrow.dataset
import pyarrow.parquet
from pyspark.sql import SparkSession

asked = json.loads(sys.argv[1])

spark = (
    SparkSession.builder.master('local[1]').appName('writeback')
    .config('spark.ui.enabled', 'false')
    .config('spark.driver.bindAddress', '127.0.0.1')
    .config('spark.driver.host', '127.0.0.1')
    .config('spark.driver.extraJavaOptions', '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC')
    .config('spark.sql.session.timeZone', 'UTC')
    .config('spark.sql.shuffle.partitions', '1')
    .config('spark.sql.warehouse.dir', asked['scratch'])
    .config('spark.sql.catalogImplementation', 'in-memory')
    .getOrCreate()
)
spark.sparkContext.setLogLevel('OFF')
for statement in asked['statements']:
    spark.sql(statement)
found = [row.asDict() for row in spark.sql(asked['query']).collect()]

table = pyarrow.dataset.dataset(asked['folder'], format='parquet', partitioning='hive').to_table()
metadata = pyarrow.parquet.read_schema(asked['file']).metadata
print(json.dumps({
    'spark': found,
    'pyarrow': {
        'rows': table.num_rows,
        'types': {field.name: str(field.type) for field in table.schema},
        'keys': sorted(key for key in table['row_key'].to_pylist() if key is not None)[:3],
    },
    'metadata': {key.decode(): value.decode() for key, value in metadata.items() if key.startswith(b'backhaul')},
}, default=str))
