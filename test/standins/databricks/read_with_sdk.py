"""
Reads the standard rows from the stand-in with databricks-sdk, Databricks' own client, and prints what it saw as JSON.

Arguments: origin, then a token, or client id and secret.
"""

import json
import sys
import urllib.request

from databricks.sdk import WorkspaceClient
from databricks.sdk.errors import DatabricksError
from databricks.sdk.service.sql import Disposition, Format, StatementState

origin, *credentials = sys.argv[1:]
client = WorkspaceClient(host=origin, auth_type='pat', token=credentials[0]) if len(credentials) == 1 else WorkspaceClient(
    host=origin, auth_type='oauth-m2m', client_id=credentials[0], client_secret=credentials[1])
statements = client.statement_execution


def finished(sql, **options):
    statement = statements.execute_statement(sql, 'standard', wait_timeout='0s', **options)
    while statement.status.state in (StatementState.PENDING, StatementState.RUNNING):
        statement = statements.get_statement(statement.statement_id)
    return statement


def refusal(sql):
    error = finished(sql).status
    return {'state': error.state.value, 'sqlState': error.sql_state, 'code': error.error.error_code.value}


def download(link):
    request = urllib.request.Request(link.external_link, headers=link.http_headers or {})
    return json.load(urllib.request.urlopen(request))


statement = finished('select id, email from users', disposition=Disposition.EXTERNAL_LINKS, format=Format.JSON_ARRAY)
ids = set()
for chunk in statement.manifest.chunks:
    links = statements.get_statement_result_chunk_n(statement.statement_id, chunk.chunk_index).external_links
    rows = download(links[0])
    assert len(rows) == chunk.row_count == links[0].row_count, 'row_count'
    ids.update(row[0] for row in rows)
try:
    statements.get_statement('00000000-0000-0000-0000-000000000000')
    unknown = None
except DatabricksError as error:
    unknown = type(error).__name__
statements.cancel_execution(statement.statement_id)
print(json.dumps({
    'columns': [[column.name, column.type_name.value, column.type_text] for column in statement.manifest.schema.columns],
    'rows': len(ids),
    'total': statement.manifest.total_row_count,
    'inline': finished('select 1 as a, null as b').result.data_array,
    'missing': refusal('select * from nowhere'),
    'unknown': unknown,
    'warehouse': client.warehouses.get('standard').state.value,
}))
