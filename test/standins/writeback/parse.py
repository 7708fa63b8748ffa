"""Parses statements with sqlglot in the dialect of a warehouse; prints what each is, and fails at the first that is none."""

import json
import sys

import sqlglot

asked = json.loads(sys.argv[1])
print(json.dumps([
    [type(parsed).__name__ for parsed in sqlglot.parse(statement, dialect=asked['dialect'])]
    for statement in asked['statements']
]))
