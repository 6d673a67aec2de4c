#!/bin/bash
# DBOS 3.4.0 (the durable workflow library for Python): a program that told it with `DBOS.listen_queues([])` to listen to no queue, and
# has no queue, no schedule and nothing to do, still asks the database several times a second. Each second, on SQLite, it reads
# all registered queues, which it then leaves out because none was chosen, and looks for workflows of its own internal queue; in the
# first minute it reads all schedules each second too. The interval of the first is a local variable of a thread, so no setting
# changes it. A program that is to sleep while nothing happens has to replace what that thread calls.
#
# Source: run here, with https://pypi.org/project/dbos/3.4.0/
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q dbos==3.4.0
cd "$folder"
"$folder/venv/bin/python" - 2>"$folder/log" <<'PYTHON' || { cat "$folder/log"; exit 1; }
import re
import time
from collections import Counter

import sqlalchemy as sa
from dbos import DBOS

SECONDS = 10
engine = sa.create_engine("sqlite:///idle.db")
asked = Counter()


@sa.event.listens_for(engine, "before_cursor_execute")
def note(connection, cursor, text, *rest):
    for table in re.findall(r"FROM (?:main\.)?(\w+)", text):
        asked[table] += 1


DBOS(
    config={
        "name": "florist",
        "system_database_url": "sqlite:///idle.db",
        "system_database_engine": engine,
        "run_admin_server": False,
    }
)
DBOS.listen_queues([])
DBOS.launch()
time.sleep(3)
asked.clear()
time.sleep(SECONDS)
seen = dict(asked)
DBOS.destroy()
print(f"in {SECONDS} idle seconds, questions by table: {seen}")
assert 8 <= seen["queues"] <= 12, seen
assert 8 <= seen["workflow_schedules"] <= 12, seen
assert seen["workflow_status"] >= 15, seen
PYTHON
