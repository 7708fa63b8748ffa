"""
Databricks' SQL Statement Execution API 2.0 in front of real Spark SQL.

Imitated: submit, poll, cancel, close, chunks by index as external links that refuse an Authorization header, the state of
a warehouse, OAuth tokens for machines, and what goes wrong with each. Not imitated: Unity Catalog (what it would refuse is
made up for the table `hidden`), Photon, Arrow and CSV results. databricks-sdk reads from it in a test.

Arguments: port, TLS port (0 for none), folder with users.jsonl, certificate and key.
"""

import base64
import json
import os
import re
import ssl
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import spark_engine

CHUNK_ROWS = 5000
LINK_SECONDS = 900
MAX_INLINE_BYTES = 25 << 20
TOKENS = {f'dapi-{name}': name for name in ('reader', 'writer', 'table_owner', 'schema_owner', 'catalog_owner')}
CLIENTS = {'service-principal': 'secret-of-the-principal'}
# A warehouse has a state; a statement on one that is stopped waits until it has started.
WAREHOUSES = {'standard': 'RUNNING', 'hostile': 'RUNNING', 'starting': 'STOPPED', 'stuck': 'STOPPED', 'deleted': 'DELETED'}
STARTING_SECONDS = 1.5

port, tls_port, folder, certificate, key = sys.argv[1:6]
base = f'http://127.0.0.1:{port}'
pool = ThreadPoolExecutor(16)
statements = {}
links = {}
oauth_tokens = set()
revoked_tokens = set()
# How many more times each fault happens.
faults = {}
counts = {}
lock = threading.Lock()


def fault(name):
    with lock:
        left = faults.get(name, 0)
        if left > 0:
            faults[name] = left - 1
        return left > 0


def count(name):
    with lock:
        counts[name] = counts.get(name, 0) + 1


class Statement:
    def __init__(self, request, principal):
        self.id = str(uuid.uuid4())
        self.sql = request['statement']
        self.warehouse = request['warehouse_id']
        self.catalog, self.schema = request.get('catalog'), request.get('schema')
        self.inline = request.get('disposition', 'INLINE') == 'INLINE'
        self.principal = principal
        self.state, self.error, self.sql_state = 'PENDING', None, None
        self.columns, self.chunks, self.truncated = [], [], False
        self.cancelled, self.ended = False, threading.Event()

    def run(self):
        try:
            if not self.await_warehouse():
                return
            self.state = 'RUNNING'
            if fault('internal'):
                return self.fail('INTERNAL_ERROR', 'Something broke', None)
            if self.catalog not in (None, 'main'):
                return self.fail('BAD_REQUEST', f"[NO_SUCH_CATALOG_EXCEPTION] Catalog '{self.catalog}' was not found. SQLSTATE: 42704", '42704')
            if re.search(r'\bhidden\b', self.sql):
                return self.fail('BAD_REQUEST', "[INSUFFICIENT_PERMISSIONS] Insufficient privileges:\nUser does not have SELECT on Table 'main.default.hidden'. SQLSTATE: 42501", '42501')
            sql = self.sql.replace('system.information_schema.', f'grants_{self.principal}.')
            self.columns, rows = spark_engine.execute(self.id, self.warehouse, self.schema, sql)
            self.spool(rows)
            self.truncated = fault('truncate')
            if self.cancelled:
                self.state, self.chunks = 'CANCELED', []
            elif self.inline and sum(len(body) for _, _, body in self.chunks) > MAX_INLINE_BYTES:
                self.fail('BAD_REQUEST', 'Inline byte limit exceeded.', None)
            else:
                self.state = 'SUCCEEDED'
        except BaseException as error:
            if self.cancelled:
                self.state = 'CANCELED'
            else:
                state = getattr(error, 'getSqlState', lambda: None)()
                self.fail('BAD_REQUEST', str(error).strip()[:2000], state)
        finally:
            self.ended.set()

    def await_warehouse(self):
        if self.warehouse == 'starting':
            time.sleep(STARTING_SECONDS)
        while self.warehouse == 'stuck' and not self.cancelled:
            time.sleep(0.05)
        if self.cancelled:
            self.state = 'CANCELED'
        return not self.cancelled

    def fail(self, code, message, sql_state):
        self.error, self.sql_state, self.state = {'error_code': code, 'message': message}, sql_state, 'FAILED'

    def spool(self, rows):
        offset = 0
        while offset < len(rows):
            texts = rows.slice(offset, CHUNK_ROWS).to_pylist()
            self.chunks.append((offset, len(texts), f'[{",".join(texts)}]'.encode()))
            offset += len(texts)

    def cancel(self):
        if self.state in ('PENDING', 'RUNNING'):
            self.cancelled = True
            threading.Thread(target=self.insist, daemon=True).start()

    def insist(self):
        # Spark forgets a cancel that comes before the first job of a statement.
        spark_engine.cancel(self.id)
        while not self.ended.wait(0.2):
            spark_engine.cancel(self.id)

    def close(self):
        self.cancel()
        if self.state == 'SUCCEEDED':
            self.state, self.chunks = 'CLOSED', []

    def view(self):
        status = {'state': self.state}
        if self.error:
            status['error'] = self.error
        if self.sql_state:
            status['sql_state'] = self.sql_state
        view = {'statement_id': self.id, 'status': status}
        if self.state == 'SUCCEEDED':
            view['manifest'] = {
                'format': 'JSON_ARRAY',
                'schema': {'column_count': len(self.columns), 'columns': self.columns},
                'chunks': [{'chunk_index': index, 'row_offset': offset, 'row_count': rows, 'byte_count': len(body)}
                           for index, (offset, rows, body) in enumerate(self.chunks)],
                'total_chunk_count': 0 if fault('noChunks') else len(self.chunks),
                'total_row_count': sum(rows for _, rows, _ in self.chunks),
                'total_byte_count': sum(len(body) for _, _, body in self.chunks),
                'truncated': self.truncated,
            }
            view['result'] = self.result(0) if self.chunks else {}
        return view

    def result(self, index):
        offset, rows, body = self.chunks[index]
        chunk = {'chunk_index': index, 'row_offset': offset, 'row_count': rows}
        if index + 1 < len(self.chunks):
            chunk['next_chunk_index'] = index + 1
            chunk['next_chunk_internal_link'] = f'/api/2.0/sql/statements/{self.id}/result/chunks/{index + 1}'
        if self.inline:
            return {**chunk, 'data_array': json.loads(body)}
        name, expires = uuid.uuid4().hex, time.time() + LINK_SECONDS
        links[name] = (expires, self, body)
        return {'external_links': [{
            **chunk, 'byte_count': len(body),
            'external_link': f'{"http://10.0.0.1" if fault("foreignLink") else base}/storage/{name}?sig=x',
            'expiration': datetime.fromtimestamp(expires, timezone.utc).strftime('%Y-%m-%dT%H:%M:%S.%fZ'),
            'http_headers': {'x-storage-key': name},
        }]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_message(self, *_):
        pass

    def answer(self, code, body, headers=()):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(code)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, code, error_code, message, headers=()):
        self.answer(code, {'error_code': error_code, 'message': message}, headers)

    def handle_any(self):
        length = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(length).decode()
        path = self.path.split('?')[0]
        if path.startswith('/control/'):
            return self.control(path.removeprefix('/control/'), json.loads(body or '{}'))
        if path.startswith('/storage/'):
            return self.storage(path.removeprefix('/storage/'))
        if path == '/.well-known/databricks-config':
            return self.answer(200, {'oidc_endpoint': f'{base}/oidc'})
        if path == '/oidc/.well-known/oauth-authorization-server':
            return self.answer(200, {'authorization_endpoint': f'{base}/oidc/v1/authorize', 'token_endpoint': f'{base}/oidc/v1/token'})
        if path == '/oidc/v1/token':
            return self.token(parse_qs(body))
        if fault('throttle'):
            return self.refuse(429, 'REQUEST_LIMIT_EXCEEDED', 'Too many requests', [('Retry-After', '1')])
        if fault('unavailable'):
            return self.refuse(503, 'TEMPORARILY_UNAVAILABLE', 'Try again')
        if '/result/chunks/' in path and fault('revokeInRead'):
            faults['revoke'] = 1000
        principal = self.principal()
        if principal is None:
            return
        if path == '/api/2.0/preview/scim/v2/Me':
            return self.answer(200, {'id': '1', 'userName': principal})
        self.api(path, json.loads(body or '{}'), principal)

    def principal(self):
        scheme, _, token = self.headers.get('Authorization', '').partition(' ')
        if scheme != 'Bearer':
            self.refuse(401, 'UNAUTHENTICATED', 'Credential was not sent or was of an unsupported type for this API.')
        elif token in TOKENS and not fault('revoke'):
            return TOKENS[token]
        elif token in oauth_tokens:
            return 'reader'
        elif token in revoked_tokens:
            # As in https://github.com/databricks/databricks-sdk-go/issues/1061; 401 has been seen as well.
            self.answer(401 if fault('expiredIs401') else 403, {'error_code': 403, 'message': 'JWT has expired'})
        elif token.startswith('dapi'):
            self.answer(403, {'error_code': 403, 'message': 'Invalid access token.'})
        else:
            self.answer(401, b'')
        return None

    def token(self, form):
        count('token')
        scheme, _, encoded = self.headers.get('Authorization', '').partition(' ')
        client, _, secret = base64.b64decode(encoded).decode().partition(':') if scheme == 'Basic' else ('', '', '')
        if form.get('grant_type') != ['client_credentials'] or form.get('scope') != ['all-apis']:
            return self.answer(400, {'error': 'invalid_request'})
        if not secret or CLIENTS.get(client) != secret:
            return self.answer(401, {'error': 'invalid_client', 'error_description': 'Client authentication failed'})
        token = f'eyJ{uuid.uuid4().hex}'
        oauth_tokens.add(token)
        self.answer(200, {'access_token': token, 'token_type': 'Bearer', 'expires_in': 3600, 'scope': 'all-apis'})

    def storage(self, name):
        if self.headers.get('Authorization'):
            return self.refuse(400, 'InvalidRequest', 'Authorization must not be sent to an external link')
        count('download')
        expires, statement, body = links.get(name, (0, None, b''))
        if fault('expireLink') or expires < time.time() or statement.state != 'SUCCEEDED' or self.headers.get('x-storage-key') != name:
            return self.refuse(403, 'AccessDenied', 'Request has expired')
        if not fault('breakDownload'):
            return self.answer(200, body)
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) * 2 // 3])
        self.wfile.flush()
        self.close_connection = True

    def api(self, path, request, principal):
        warehouse = re.fullmatch(r'/api/2\.0/sql/warehouses/([^/]+)', path)
        if warehouse:
            return self.warehouse(warehouse[1])
        if path == '/api/2.0/sql/statements' and self.command == 'POST':
            return self.submit(request, principal)
        known = re.fullmatch(r'/api/2\.0/sql/statements/([0-9a-f-]{36})(/cancel|/result/chunks/(\d+))?', path)
        statement = statements.get(known[1]) if known else None
        if statement is None:
            return self.refuse(404, 'NOT_FOUND', 'No such statement')
        if known[3] is not None:
            return self.chunk(statement, int(known[3]))
        if known[2] == '/cancel':
            statement.cancel()
            return self.answer(200, {})
        if self.command == 'DELETE':
            statement.close()
            return self.answer(200, {})
        self.answer(200, statement.view())

    def warehouse(self, name):
        if name == 'forbidden':
            return self.refuse(403, 'PERMISSION_DENIED', 'You do not have permission to use the SQL Warehouse.')
        if name not in WAREHOUSES:
            return self.refuse(404, 'RESOURCE_DOES_NOT_EXIST', f'SQL warehouse {name} does not exist')
        self.answer(200, {'id': name, 'name': name, 'state': WAREHOUSES[name]})

    def submit(self, request, principal):
        name = request.get('warehouse_id', '')
        if name == 'forbidden':
            return self.refuse(403, 'PERMISSION_DENIED', 'You do not have permission to use the SQL Warehouse.')
        if WAREHOUSES.get(name, 'DELETED') == 'DELETED':
            return self.refuse(400, 'INVALID_PARAMETER_VALUE', f'{name} is not a valid endpoint id.')
        if fault('brokenSubmit'):
            return self.answer(502, b'<html>Bad Gateway</html>')
        wait = float(request.get('wait_timeout', '10s').removesuffix('s'))
        if wait != 0 and not 5 <= wait <= 50:
            return self.refuse(400, 'INVALID_PARAMETER_VALUE', 'wait_timeout must be 0s or between 5s and 50s')
        if request.get('format', 'JSON_ARRAY') != 'JSON_ARRAY':
            return self.refuse(400, 'INVALID_PARAMETER_VALUE', 'this stand-in has JSON_ARRAY only')
        statement = Statement(request, principal)
        statements[statement.id] = statement
        pool.submit(statement.run)
        statement.ended.wait(wait)
        if fault('slowSubmit'):
            time.sleep(1)
        self.answer(200, statement.view())

    def chunk(self, statement, index):
        count('chunk')
        if statement.state != 'SUCCEEDED':
            return self.refuse(404, 'NOT_FOUND', 'The result is no longer there')
        if index >= len(statement.chunks):
            return self.refuse(400, 'INVALID_PARAMETER_VALUE', 'No such chunk')
        self.answer(200, statement.result(index))

    def control(self, what, request):
        """What tests do to the server, and ask of it."""
        if what == 'faults':
            faults.update(request)
        elif what == 'expire':
            for statement in statements.values():
                statement.close()
        elif what == 'revoke-tokens':
            revoked_tokens.update(oauth_tokens)
            oauth_tokens.clear()
        states = [statement.state for statement in statements.values()]
        self.answer(200, {
            'running': sum(state in ('PENDING', 'RUNNING') for state in states),
            'states': {name: statement.state for name, statement in statements.items()},
            'counts': counts,
        })

    do_GET = do_POST = do_DELETE = handle_any


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


# Bound at once: Spark takes some ten seconds to start, and ports at random.
server = Server(('127.0.0.1', int(port)), Handler)
secure = Server(('127.0.0.1', int(tls_port)), Handler) if tls_port != '0' else None
spark_engine.start(folder)
spark_engine.load(os.path.join(folder, 'users.jsonl'))
if secure:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=secure.serve_forever, daemon=True).start()
print('SEA READY', flush=True)
server.serve_forever()
