"""Statements: fakesnow translates Snowflake's SQL to DuckDB, and what a service does beside SQL is done here.

That is: settings of a session, warehouses, roles and grants, SYSTEM$WAIT and SYSTEM$CANCEL_QUERY, the limit of a statement's time, and the
texts of errors with the position as Snowflake writes them.
"""

from __future__ import annotations

import asyncio
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import snowflake.connector.errors as sf
from fakesnow.dialect import parse_one
from fakesnow.instance import FakeSnow
from fakesnow.rowtype import describe_as_rowtype
from fakesnow.statement_type import SELECT, statement_type_id
from starlette.concurrency import run_in_threadpool

from rows import chunk_bytes, rows_of

INLINE_ROWS = 500
CHUNK_ROWS = 12_000
READ_ONLY_ROLES = {"READER", "OUTSIDER"}
FAKESNOW = FakeSnow(create_database_on_connect=False, create_schema_on_connect=False)

WAREHOUSES = {name: {"state": "STARTED", "auto_resume": "true"} for name in ("WH", "LOADXWH", "LOAD_WH")}
GRANTS = {
    "READER": [("USAGE", "DATABASE", "DB1"), *[("USAGE", "WAREHOUSE", name) for name in WAREHOUSES], ("SELECT", "TABLE", "DB1.S1.USERS")],
    "OUTSIDER": [("USAGE", "DATABASE", "DB1")],
    "WRITER": [("USAGE", "ROLE", "EDITOR"), ("USAGE", "WAREHOUSE", "WH")],
    "EDITOR": [("INSERT", "TABLE", "DB1.S1.USERS")],
    "MEMBER": [("USAGE", "DATABASE_ROLE", "DB1.EDITORS"), ("USAGE", "WAREHOUSE", "WH")],
    "DB1.EDITORS": [("DELETE", "TABLE", "DB1.S1.USERS")],
    "GUEST": [("USAGE", "ROLE", "SECRET"), ("USAGE", "WAREHOUSE", "WH")],
}
PARAMETERS = {
    "ABORT_DETACHED_QUERY", "AUTOCOMMIT", "BINARY_INPUT_FORMAT", "BINARY_OUTPUT_FORMAT", "CLIENT_RESULT_CHUNK_SIZE", "DATE_INPUT_FORMAT",
    "DATE_OUTPUT_FORMAT", "GEOGRAPHY_OUTPUT_FORMAT", "GEOMETRY_OUTPUT_FORMAT", "JSON_INDENT", "MULTI_STATEMENT_COUNT", "QUERY_TAG",
    "QUOTED_IDENTIFIERS_IGNORE_CASE", "ROWS_PER_RESULTSET", "STATEMENT_TIMEOUT_IN_SECONDS", "STRICT_JSON_OUTPUT", "TIMESTAMP_DAY_IS_ALWAYS_24H",
    "TIMESTAMP_INPUT_FORMAT", "TIMESTAMP_LTZ_OUTPUT_FORMAT", "TIMESTAMP_NTZ_OUTPUT_FORMAT", "TIMESTAMP_OUTPUT_FORMAT", "TIMESTAMP_TYPE_MAPPING",
    "TIMESTAMP_TZ_OUTPUT_FORMAT", "TIMEZONE", "TIME_INPUT_FORMAT", "TIME_OUTPUT_FORMAT", "TWO_DIGIT_CENTURY_START", "WEEK_OF_YEAR_POLICY",
    "WEEK_START",
}
SETTING = r"(\w+)\s*=\s*('(?:[^']|'')*'|[\w.]+)"


@dataclass
class Session:
    connection: Any
    user: str
    role: str
    warehouse: str
    token: str
    master: str
    settings: dict[str, Any]
    expires: float
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Query:
    session: Session
    sql: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    task: asyncio.Task | None = None
    data: dict | None = None
    error: dict | None = None
    table: pa.Table | None = None
    chunks: list[tuple[int, int]] = field(default_factory=list)
    chunk_key: str = ""
    ours: bool = False

    @property
    def running(self) -> bool:
        return self.task is not None and not self.task.done()


class Refused(Exception):
    def __init__(self, number: int, state: str, message: str):
        super().__init__(message)
        self.number, self.state = number, state


QUERIES: dict[str, Query] = {}
# Snowflake answers the same query from the same result while the data is unchanged; so does this, for the sake of speed.
TABLES: dict[tuple[str, str], tuple[list[dict], pa.Table]] = {}
CHUNK_CACHE: dict[tuple[int, int, int], bytes] = {}


async def run(query: Query, describe_only: bool) -> None:
    limit = float(query.session.settings.get("STATEMENT_TIMEOUT_IN_SECONDS", 172_800))
    try:
        async with asyncio.timeout(limit):
            await answer(query, describe_only)
    except TimeoutError:
        seconds = f"{limit:g}"
        query.error = failure(query, 630, "57014", f"Statement reached its statement or warehouse timeout of {seconds} second(s) and was canceled.")
    except asyncio.CancelledError:
        query.error = failure(query, 604, "57014", "SQL execution canceled")
    except Refused as error:
        query.error = failure(query, error.number, error.state, str(error))
    except sf.Error as error:
        query.error = failure(query, *in_snowflakes_words(error, query.sql))
    except Exception as error:  # noqa: BLE001
        query.error = failure(query, 603, "XX000", f"SQL execution internal error: {type(error).__name__}")
        print("internal", query.sql, repr(error), flush=True)


async def answer(query: Query, describe_only: bool) -> None:
    session, sql = query.session, query.sql.strip()
    if (own := own_statement(query, sql)) is not None:
        names, rows = own
        query.data = head(query, SELECT) | {
            "rowtype": [text_column(name) for name in names], "rowset": rows, "total": len(rows), "returned": len(rows),
        }
        return
    parts = [part for part in re.sub(r"'(?:[^']|'')*'", "", sql).split(";") if part.strip()]
    if len(parts) > int(session.settings.get("MULTI_STATEMENT_COUNT", 1)):
        raise Refused(8, "0A000", "Actual statement count 2 did not match the desired statement count 1.")
    wait = re.search(r"system\$wait\((\d+)\)", sql, re.I)
    sql = re.sub(r"system\$wait\((\d+)\)", r"'waited \1 seconds'", sql, flags=re.I)
    # The digits of TME, which fakesnow takes for no format at all.
    sql = re.sub(r"to_varchar\((\"(?:[^\"]|\"\")*\"), 'TME'\)", r"format('{:.16E}', \1)", sql)
    if re.search(r"\bhidden\b", sql, re.I):
        raise Refused(3001, "42501", "SQL access control error:\nInsufficient privileges to operate on table 'HIDDEN'.")
    kind = statement_type_id(parse_one(sql))
    if kind != SELECT and session.role in READ_ONLY_ROLES:
        raise Refused(3001, "42501", "SQL access control error:\nInsufficient privileges to operate on schema 'S1'.")
    cursor = session.connection.cursor()
    if describe_only:
        async with session.lock:
            # DuckDB gives two columns of one name of a subquery names of their own, which Snowflake does not.
            inner = re.match(r"select \* from \(\n(.*)\n\) as model$", sql, re.S)
            described = await run_in_threadpool(cursor._describe_only, inner[1] if inner else sql)
        query.data = head(query, kind) | {"rowtype": describe_as_rowtype(described), "rowset": [], "total": 0, "returned": 0}
        return
    require_warehouse(session, sql)
    if wait:
        await asyncio.sleep(int(wait[1]))
    key = (session.role, sql)
    if key not in TABLES:
        async with session.lock:
            await run_in_threadpool(cursor.execute, sql, server=True)
            rowtype = describe_as_rowtype(await run_in_threadpool(cursor._describe_last_sql))
        TABLES[key] = (rowtype, cursor._arrow_table)
    rowtype, table = TABLES[key]
    keep(query, kind, rowtype, table)


def keep(query: Query, kind: int, rowtype: list[dict], table: pa.Table) -> None:
    """The first rows go with the answer, the others into chunks."""
    total = table.num_rows
    if limit := int(query.session.settings.get("ROWS_PER_RESULTSET", 0)):
        table, total = table.slice(0, limit), min(limit, total)
    start = min(total, INLINE_ROWS)
    query.data = head(query, kind) | {"rowtype": rowtype, "rowset": rows_of(table, rowtype, 0, start), "total": total, "returned": total}
    while start < total:
        count = min(CHUNK_ROWS, total - start)
        query.chunks.append((start, count))
        start += count
    query.table, query.chunk_key = table, uuid.uuid4().hex


def chunk(query: Query, number: int) -> bytes:
    start, count = query.chunks[number]
    key = (id(query.table), start, count)
    if query.table.num_rows < 10**5:
        return chunk_bytes(query.table, query.data["rowtype"], start, count)
    if key not in CHUNK_CACHE:
        CHUNK_CACHE[key] = chunk_bytes(query.table, query.data["rowtype"], start, count)
    return CHUNK_CACHE[key]


def own_statement(query: Query, sql: str) -> tuple[list[str], list[list[str | None]]] | None:
    """What is no matter of the SQL engine: column names and rows, or None."""
    session = query.session
    done = (["status"], [["Statement executed successfully."]])
    if match := re.match(r"alter\s+session\s+set\s+(.*)", sql, re.I | re.S):
        if re.sub(SETTING, "", match[1]).strip(" ,\n"):
            raise Refused(1003, "42000", "SQL compilation error:\nsyntax error line 1 at position 18 unexpected.")
        found = re.findall(SETTING, match[1])
        for name, _ in found:
            if name.upper() not in PARAMETERS:
                raise Refused(1420, "22023", f"SQL compilation error:\ninvalid property '{name.upper()}' for 'SESSION'")
        session.settings.update({name.upper(): value.strip("'").replace("''", "'") for name, value in found})
        return done
    if match := re.match(r"show\s+parameters\s+like\s+'(\w+)'\s+in\s+session$", sql, re.I):
        return ["key"], [[name] for name in PARAMETERS if name == match[1]]
    if re.match(r"use\s+secondary\s+roles\s+none$", sql, re.I):
        return done
    if match := re.match(r"show\s+warehouses\s+like\s+'(.*)'$", sql, re.I):
        wanted = re.escape(match[1].upper()).replace("_", ".").replace("%", ".*")
        usable = {name for privilege, on, name in grants_of(session.role) if (privilege, on) == ("USAGE", "WAREHOUSE")}
        rows = [[name, w["state"], w["auto_resume"]] for name, w in WAREHOUSES.items() if re.fullmatch(wanted, name) and name in usable]
        return ["name", "state", "auto_resume"], rows
    if match := re.match(r'show\s+grants\s+to\s+(?:role\s+"(.*)"|database\s+role\s+([\w.]+))$', sql, re.I):
        if match[1] == "SECRET":
            raise Refused(3001, "42501", "SQL access control error:\nInsufficient privileges to operate on role 'SECRET'.")
        match = [match[0], match[1] or match[2]]
        return ["privilege", "granted_on", "name"], [list(grant) for grant in GRANTS.get(match[1], [])]
    if re.match(r"select\s+current_role\(\)", sql, re.I):
        return ["ROLE"], [[session.role]]
    if re.match(r"select\s+current_database\(\)", sql, re.I):
        there = session.connection
        return ["DB", "SCH"], [[there.database if there.database_set else None, there.schema if there.schema_set else None]]
    if match := re.match(r"select\s+system\$cancel_query\('([\w-]+)'\)", sql, re.I):
        cancel(QUERIES.get(match[1]))
        return ["STATUS"], [["query terminated."]]
    return None


def cancel(query: Query | None) -> None:
    if query is not None and query.running:
        query.task.cancel()


def grants_of(role: str) -> list[tuple[str, str, str]]:
    return GRANTS.get(role, [])


def require_warehouse(session: Session, sql: str) -> None:
    warehouse = WAREHOUSES.get(session.warehouse)
    if warehouse is not None and warehouse["state"] == "EXHAUSTED":
        raise Refused(90073, "22000", f"Warehouse '{session.warehouse}' cannot be resumed because resource monitor 'M' has exceeded its quota.")
    stopped = warehouse is None or (warehouse["state"] == "SUSPENDED" and warehouse["auto_resume"] == "false")
    if stopped and re.search(r"\bfrom\b", sql, re.I):
        raise Refused(606, "57P03", "No active warehouse selected in the current session. Select an active warehouse with the 'use warehouse' command.")


def head(query: Query, kind: int) -> dict:
    session = query.session
    return {
        "parameters": [], "queryId": query.id, "sqlState": "00000", "statementTypeId": kind, "version": 1,
        "finalDatabaseName": session.connection.database, "finalSchemaName": session.connection.schema,
        "finalWarehouseName": session.warehouse, "finalRoleName": session.role, "queryResultFormat": "json",
    }


def text_column(name: str) -> dict:
    return {"name": name, "type": "text", "nullable": True, "precision": None, "scale": None, "length": 16_777_216, "byteLength": 16_777_216,
            "database": "", "schema": "", "table": "", "collation": None}


def failure(query: Query, number: int, state: str, message: str) -> dict:
    code = f"{number:06d}"
    data = {"internalError": False, "errorCode": code, "sqlState": state, "queryId": query.id, "line": -1, "pos": -1, "type": "COMPILATION"}
    return {"success": False, "code": code, "message": message, "data": data}


def in_snowflakes_words(error: sf.Error, sql: str) -> tuple[int, str, str]:
    """fakesnow passes on what sqlglot and DuckDB say."""
    said = error.msg or str(error)
    if match := re.search(r"Line (\d+), Col: (\d+)", said):
        return 1003, "42000", f"SQL compilation error:\nsyntax error line {match[1]} at position {max(0, int(match[2]) - 1)} unexpected '<EOF>'."
    if match := re.search(r'column "?([\w.]+)"? not found|column named "?([\w.]+)"?', said, re.I):
        name = match[1] or match[2]
        line, position = place(sql, name)
        return 904, "42000", f"SQL compilation error: error line {line} at position {position}\ninvalid identifier '{name.upper()}'"
    if match := re.search(r"Table with name (\w+) does not exist|Object '?([\w.]+)'? does not exist", said, re.I):
        return 2003, "42S02", f"SQL compilation error:\nObject '{(match[1] or match[2]).upper()}' does not exist or not authorized."
    return error.errno or 603, error.sqlstate or "XX000", said


def place(sql: str, name: str) -> tuple[int, int]:
    at = max(0, sql.lower().find(name.lower()))
    before = sql[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1)


def load(rows_file: str) -> None:
    """The tables that the tests read."""
    setup = FAKESNOW.connect()
    cursor = setup.cursor()
    for statement in (
        "create database db1", "use database db1", "create schema s1", "use schema s1", "create table hidden (id int)",
        """create table users ("id" number(38, 0), "email" varchar, "logins" number(38, 0), "score" number(12, 2), "ratio" float,
           "active" boolean, "seen_at" timestamp_ntz, "born" date, "note" varchar)""",
    ):
        cursor.execute(statement)
    columns = ", ".join(
        f"'{name}': '{kind}'" for name, kind in (
            ("id", "bigint"), ("email", "varchar"), ("logins", "bigint"), ("score", "decimal(12,2)"), ("ratio", "double"),
            ("active", "boolean"), ("seen_at", "timestamp"), ("born", "date"), ("note", "varchar"),
        )
    )
    FAKESNOW.duck_conn.execute(
        f"insert into db1.s1.users select * from read_json('{rows_file}', format = 'newline_delimited', columns = {{{columns}}})"
    )
