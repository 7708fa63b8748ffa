"""Arrow columns as the texts of Snowflake's JSON rows.

Dates are days since 1970, times and timestamps seconds with nine digits behind the point (a decimal number, so -0.5 is half a second
before 1970), a TIMESTAMP_TZ has its offset in minutes plus 1440 behind a blank, binary values are in hexadecimal.
"""

from __future__ import annotations

import gzip
import json

import pyarrow as pa
import pyarrow.compute as pc

NANOS = 10**9
UNITS = {"s": NANOS, "ms": 10**6, "us": 10**3, "ns": 1}


def seconds(nanos: int) -> str:
    sign = "-" if nanos < 0 else ""
    return f"{sign}{abs(nanos) // NANOS}.{abs(nanos) % NANOS:09d}"


def float_text(value: float) -> str:
    if value != value:
        return "NaN"
    # Snowflake's JSON rows do not have all digits of a double, either.
    return {float("inf"): "inf", float("-inf"): "-inf"}.get(value, f"{value:.10g}")


def texts(column: pa.ChunkedArray, snowflake_type: str) -> list[str | None]:
    arrow = column.type
    if pa.types.is_string(arrow) or pa.types.is_large_string(arrow):
        return column.to_pylist()
    if pa.types.is_null(arrow):
        return [None] * len(column)
    if pa.types.is_date(arrow):
        column = column.cast(pa.date32()).cast(pa.int32())
        write = str
    elif pa.types.is_timestamp(arrow):
        unit = UNITS[arrow.unit]
        tail = " 1440" if snowflake_type == "timestamp_tz" else ""
        column = column.cast(pa.int64())
        write = lambda value: seconds(value * unit) + tail  # noqa: E731
    elif pa.types.is_time(arrow):
        column = column.cast(pa.time64("us")).cast(pa.int64())
        write = lambda value: seconds(value * 1000)  # noqa: E731
    elif pa.types.is_boolean(arrow):
        write = lambda value: "1" if value else "0"  # noqa: E731
    elif pa.types.is_binary(arrow) or pa.types.is_large_binary(arrow):
        write = lambda value: value.hex().upper()  # noqa: E731
    elif pa.types.is_floating(arrow):
        write = float_text
    elif pa.types.is_nested(arrow):
        write = lambda value: json.dumps(value, default=str)  # noqa: E731
    else:
        return pc.cast(column, pa.string()).to_pylist()
    return [None if value is None else write(value) for value in column.to_pylist()]


def rows_of(table: pa.Table, rowtype: list[dict], start: int, count: int) -> list[list[str | None]]:
    piece = table.slice(start, count)
    columns = [texts(piece.column(i), rowtype[i]["type"]) for i in range(piece.num_columns)]
    return list(map(list, zip(*columns)))


def chunk_bytes(table: pa.Table, rowtype: list[dict], start: int, count: int) -> bytes:
    """A chunk holds the rows without the brackets around them, zipped."""
    text = json.dumps(rows_of(table, rowtype, start, count), ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text[1:-1].encode(), 1)
