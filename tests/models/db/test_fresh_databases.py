"""Each test begins with the rows of the template, whatever the one before left behind."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pysqlite3
import pytest

from tests.kit.databases import SqliteDatabases

ROWS = "SELECT group_concat(word) FROM word"
#: A program that keeps its connection until its input ends.
HOLDER = """
import sys, pysqlite3
connection = pysqlite3.connect(sys.argv[1])
print(connection.execute("SELECT group_concat(word) FROM word").fetchone()[0], flush=True)
sys.stdin.read()
print(connection.execute("SELECT group_concat(word) FROM word").fetchone()[0], flush=True)
"""


@pytest.fixture
def databases(tmp_path: Path) -> SqliteDatabases:
    """A template with the word "rose", and a working copy with "rose" and "weed"."""
    found = SqliteDatabases(tmp_path)
    with closing(pysqlite3.connect(found.template, isolation_level=None)) as template:
        template.execute("PRAGMA journal_mode = WAL")
        template.execute("CREATE TABLE word (word TEXT)")
        template.execute("INSERT INTO word VALUES ('rose')")
    found.restore()
    _add(found)
    return found


def _add(databases: SqliteDatabases) -> None:
    with closing(pysqlite3.connect(databases.file, isolation_level=None)) as connection:
        connection.execute("INSERT INTO word VALUES ('weed')")
        assert connection.execute(ROWS).fetchone() == ("rose,weed",)


def _words(databases: SqliteDatabases) -> str:
    with closing(pysqlite3.connect(databases.file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return connection.execute(ROWS).fetchone()[0]


def test_the_file_is_copied_where_nobody_has_it_open(databases: SqliteDatabases) -> None:
    for _ in range(2):
        assert databases._copied()
        assert _words(databases) == "rose"
        _add(databases)


def test_what_is_left_in_the_log_of_a_killed_program_is_gone(databases: SqliteDatabases) -> None:
    killed = "import os, pysqlite3, sys; c = pysqlite3.connect(sys.argv[1], isolation_level=None); "
    killed += "c.execute(\"INSERT INTO word VALUES ('wilted')\"); os._exit(9)"
    assert subprocess.run([sys.executable, "-c", killed, databases.file], check=False).returncode == 9
    assert Path(f"{databases.file}-wal").stat().st_size
    assert databases._copied() and _words(databases) == "rose"


def test_a_connection_left_open_reads_on(databases: SqliteDatabases) -> None:
    with closing(pysqlite3.connect(databases.file)) as left:
        left.execute(ROWS).fetchone()
        assert not databases._copied()
        databases.restore()
        assert left.execute(ROWS).fetchone() == ("rose",)
    assert _words(databases) == "rose"


def test_another_program_reads_on(databases: SqliteDatabases) -> None:
    command = [sys.executable, "-c", HOLDER, str(databases.file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin and program.stdout
        assert program.stdout.readline() == "rose,weed\n"
        assert not databases._copied()
        databases.restore()
        program.stdin.close()
        assert program.stdout.readline() == "rose\n"
    assert _words(databases) == "rose"
