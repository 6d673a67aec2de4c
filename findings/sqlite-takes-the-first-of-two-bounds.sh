#!/bin/bash
# SQLite 3.53.4: with two lower bounds on a rowid, it looks up the place of the one that is written first and compares the other
# row by row. "id > 0 AND id >= 99990" walks through 100,000 rows for eleven, about 5,000 times the steps of the same two bounds
# the other way round; "id >= max(0, 99990)" is quick either way. EXPLAIN QUERY PLAN says the same for all of them: SEARCH with
# a rowid bound. A page whose filter adds "from this day on" to "older than the last page" is fast or slow by the order in which
# the conditions were put together.
#
# Source: run here, with https://pypi.org/project/pysqlite3/0.6.1/ and https://sqlite.org/optoverview.html (section 2, "WHERE
# Clause Analysis": how terms are chosen for an index)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pysqlite3==0.6.1
"$folder/venv/bin/python" - <<'PYTHON'
import pysqlite3

assert pysqlite3.sqlite_version == "3.53.4", pysqlite3.sqlite_version
shop = pysqlite3.connect(":memory:")
shop.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, total INTEGER)")
shop.executemany("INSERT INTO orders VALUES (?, ?)", ((id, id % 7) for id in range(1, 100_001)))


def steps(where, bounds):
    """The instructions of SQLite's virtual machine that a query takes, and its plan."""
    query, count = f"SELECT id FROM orders WHERE {where}", [0]

    def one_more():
        count[0] += 1

    shop.set_progress_handler(one_more, 1)
    found = shop.execute(query, bounds).fetchall()
    shop.set_progress_handler(None, 1)
    assert len(found) == 11
    return count[0], shop.execute(f"EXPLAIN QUERY PLAN {query}", bounds).fetchone()[3]


slow, plan = steps("id > ? AND id >= ?", (0, 99_990))
quick, other_plan = steps("id >= ? AND id > ?", (99_990, 0))
largest, _ = steps("id >= max(?, ?)", (0, 99_990))
print(slow, "steps,", quick, "the other way round,", largest, "with max; plans:", plan, "/", other_plan)
assert slow > 200_000 and quick < 100 and largest < 100
assert plan == other_plan
PYTHON
