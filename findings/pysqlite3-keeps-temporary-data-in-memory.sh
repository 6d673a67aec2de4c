#!/bin/bash
# pysqlite3 0.6.1, the wheel for Linux: its SQLite is compiled with TEMP_STORE=3, so whatever SQLite would put into a temporary file stays in
# memory, and PRAGMA temp_store = FILE is accepted, read back as 1 and ignored. An INSERT ... SELECT from the table it inserts into takes as
# much memory as it copies, 88 MB for 80 MB of texts, however small cache_size is; Python's own sqlite3 (TEMP_STORE=1) takes 2. A program
# that changes from one to the other meets this at its first large statement, not in its tests; large copies have to be done in pieces.
#
# Source: run here, with https://pypi.org/project/pysqlite3/0.6.1/; what the values mean: https://www.sqlite.org/compile.html#temp_store
# and https://www.sqlite.org/pragma.html#pragma_temp_store
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pysqlite3==0.6.1
cat >"$folder/sort.py" <<'PYTHON'
import json
import resource
import sys
from importlib import import_module

module, file = sys.argv[1:]
connection = import_module(module).connect(file, isolation_level=None)
connection.execute("PRAGMA cache_size = -2000")
connection.execute("PRAGMA temp_store = FILE")
(store,) = connection.execute("PRAGMA temp_store").fetchone()
compiled = [row[0] for row in connection.execute("PRAGMA compile_options") if row[0].startswith("TEMP_STORE")]
connection.execute("CREATE TABLE ribbon (text TEXT)")
numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)"
connection.execute(f"INSERT INTO ribbon {numbers} SELECT printf('%0200d', i * 7919 % 400000) FROM n")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
connection.execute("INSERT INTO ribbon SELECT text || '.' FROM ribbon")
grew = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
print(json.dumps({"compiled": compiled, "temp_store": store, "mb": grew}))
PYTHON
own=$("$folder/venv/bin/python" "$folder/sort.py" sqlite3 "$folder/a.db")
wheel=$("$folder/venv/bin/python" "$folder/sort.py" pysqlite3 "$folder/b.db")
echo "sqlite3:   $own"
echo "pysqlite3: $wheel"
"$folder/venv/bin/python" - "$own" "$wheel" <<'PYTHON'
import json
import sys

own, wheel = map(json.loads, sys.argv[1:])
assert wheel["compiled"] == ["TEMP_STORE=3"] and wheel["temp_store"] == 1
assert wheel["mb"] > 60, "80 MB of texts are copied"
# A system may compile its own SQLite in the same way.
assert own["compiled"] == ["TEMP_STORE=3"] or own["mb"] < 20
PYTHON
