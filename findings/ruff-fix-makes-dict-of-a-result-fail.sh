#!/bin/bash
# Two sensible things that break each other. Rule C416 of ruff 0.17.6 rewrites a comprehension that only unpacks pairs
# as dict(…), as an unsafe fix. Over a result of SQLAlchemy 2.1.9 that no longer works: a result has the method keys(),
# for the names of its columns, so dict() takes it for a mapping and asks it for each key, and it raises TypeError.
# The comprehension, and dict() of the result's all(), give what was meant.
#
# Source: run here; https://docs.astral.sh/ruff/rules/unnecessary-comprehension/,
# https://docs.python.org/3/library/stdtypes.html#dict,
# https://docs.sqlalchemy.org/en/21/core/connections.html#sqlalchemy.engine.Result.keys
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q sqlalchemy==2.1.9 ruff==0.17.6
cat >"$folder/prices.py" <<'PYTHON'
import sqlalchemy as sa

engine = sa.create_engine("sqlite://")
with engine.connect() as connection:
    found = connection.execute(sa.text("SELECT 'roses' AS name, 30 AS price UNION SELECT 'vase', 24"))
    prices = {name: price for name, price in found}
print(prices)
PYTHON
before=$("$folder/venv/bin/python" "$folder/prices.py")
echo "before: $before"
[ "$before" = "{'roses': 30, 'vase': 24}" ]
"$folder/venv/bin/ruff" check --isolated -q --select C416 --fix --unsafe-fixes "$folder/prices.py"
grep "prices = " "$folder/prices.py"
grep -q "prices = dict(found)" "$folder/prices.py"
if after=$("$folder/venv/bin/python" "$folder/prices.py" 2>&1); then
    echo "It works now: $after"
    exit 1
fi
echo "after: ${after##*$'\n'}"
[ "${after##*$'\n'}" != "${after##*TypeError}" ]
sed -i 's/dict(found)/dict(found.all())/' "$folder/prices.py"
[ "$("$folder/venv/bin/python" "$folder/prices.py")" = "$before" ]
echo "with all(): the same as before"
