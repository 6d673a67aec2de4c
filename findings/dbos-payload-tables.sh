#!/bin/bash
# DBOS 3.4.0 (the durable workflow library for Python): what a workflow was given, returned or raised is no longer in
# `workflow_status`, whose columns inputs, output and error are still there and stay empty. It is in the tables
# `workflow_input` and `workflow_output`, and that of steps in `operation_outputs`. On SQLite none of the three has a foreign key to
# `workflow_status`, so deleting the row of a workflow leaves what it was given behind. A program that has to erase
# a person from its database has to look there; the values are pickled and in base64, so a search for
# the text finds nothing.
#
# Source: run here, with https://pypi.org/project/dbos/3.4.0/
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q dbos==3.4.0
cd "$folder"
"$folder/venv/bin/python" - 2>"$folder/log" <<'PYTHON' || { cat "$folder/log"; exit 1; }
import base64
import sqlite3

from dbos import DBOS, SetWorkflowID

ADDRESS = "ines.duarte@example.com"
DBOS(config={"name": "florist", "system_database_url": "sqlite:///queue.db", "run_admin_server": False})


@DBOS.step()
def look_up(address):
    return f"found {address}"


@DBOS.workflow()
def greet(address):
    return look_up(address)


DBOS.launch()
with SetWorkflowID("greeting-1"):
    greet(ADDRESS)
DBOS.destroy()

database = sqlite3.connect("queue.db")


def holds(table, column):
    """Whether the address is in the column, as text or in base64."""
    values = [row[0] for row in database.execute(f"SELECT {column} FROM {table}") if row[0]]
    assert not any(ADDRESS in value for value in values), "readable as text"
    return any(ADDRESS.encode() in base64.b64decode(value) for value in values)


for table, column, expected in [
    ("workflow_status", "inputs", False),
    ("workflow_status", "output", False),
    ("workflow_input", "inputs", True),
    ("workflow_output", "output", True),
    ("operation_outputs", "output", True),
]:
    print(f"{table}.{column} holds the address: {holds(table, column)}")
    assert holds(table, column) is expected, (table, column)

database.execute("PRAGMA foreign_keys = ON")
database.execute("DELETE FROM workflow_status")
for table, column in [("workflow_input", "inputs"), ("workflow_output", "output"), ("operation_outputs", "output")]:
    print(f"after deleting the workflow, {table} still holds it: {holds(table, column)}")
    assert holds(table, column)
PYTHON
