#!/bin/sh
# Brings Temporal's two databases to the schema of this image's version; safe to run again, and before every upgrade.
# temporal-sql-tool reads SQL_PLUGIN, SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD.
set -eu

: "${SQL_PLUGIN:?is the database plugin, such as postgres12}"
: "${SQL_HOST:?is the host of PostgreSQL}"
: "${SQL_USER:?is the owner of the databases}"
: "${SQL_PASSWORD:?is its password}"

bring_up() {
  database=$1
  schema=$2
  echo "schema of $database"
  # Makes the version table; does nothing to a database that has a version.
  temporal-sql-tool --database "$database" setup-schema --version 0.0
  temporal-sql-tool --database "$database" update-schema --schema-name "$schema"
}

bring_up temporal postgresql/v12/temporal
bring_up temporal_visibility postgresql/v12/visibility
echo 'schema done'
