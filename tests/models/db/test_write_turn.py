"""Those who write to one SQLite file take turns, whichever process they are in."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from automations.models.db import write_turn
from automations.models.db.database import engine_options, prepare_engine
from automations.models.db.write_turn import WriteTurns

HOLDER = """
import sys
from pathlib import Path
from automations.models.db.write_turn import WriteTurns
with WriteTurns(Path(sys.argv[1])).turn() as has_turn:
    print(has_turn, flush=True)
    sys.stdin.readline()
"""
#: A process that has its turn is forked; the child asks for one of its own and is not to share it.
FORKED = """
import os, sys
from pathlib import Path
from automations.models.db import write_turn
turns = write_turn.WriteTurns(Path(sys.argv[1]))
with turns.turn():
    pass
write_turn.LONGEST_TURN = 0.05
beside = write_turn.WriteTurns(Path(sys.argv[1]))
with beside.turn():
    if os.fork() == 0:
        with turns.turn() as has_turn:
            print(has_turn, flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@contextmanager
def another_process_with_its_turn(file: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLDER, str(file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout and holder.stdout.readline().strip() == "True"
        try:
            yield holder
        finally:
            holder.kill()


@contextmanager
def waiting(turns: WriteTurns) -> Iterator[threading.Event]:
    """A thread that waits for its turn; the event is set once it has it."""
    has_turn = threading.Event()

    def wait() -> None:
        with turns.turn():
            has_turn.set()

    thread = threading.Thread(target=wait)
    thread.start()
    yield has_turn
    thread.join(timeout=10)
    assert not thread.is_alive()


def test_a_turn_is_waited_for_while_another_process_has_it(file: Path) -> None:
    with another_process_with_its_turn(file) as holder, waiting(WriteTurns(file)) as has_turn:
        assert not has_turn.wait(0.3)
        holder.communicate("leave\n")
        assert has_turn.wait(10)


def test_a_process_that_dies_leaves_its_turn(file: Path) -> None:
    with another_process_with_its_turn(file) as holder, waiting(WriteTurns(file)) as has_turn:
        holder.kill()
        assert has_turn.wait(10)


def test_threads_take_turns(file: Path) -> None:
    turns = WriteTurns(file)
    with ExitStack() as kept:
        kept.enter_context(turns.turn())
        with waiting(turns) as has_turn:
            assert not has_turn.wait(0.1)
            kept.close()
            assert has_turn.wait(10)


def test_who_waits_too_long_goes_on_without_a_turn(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_turn, "LONGEST_TURN", 0.05)
    with another_process_with_its_turn(file), WriteTurns(file).turn() as has_turn:
        assert not has_turn


def test_a_forked_process_does_not_share_the_turn_of_its_parent(file: Path) -> None:
    forked = subprocess.run(
        [sys.executable, "-c", FORKED, str(file)], capture_output=True, text=True, timeout=60, check=True
    )
    assert forked.stdout.strip() == "False"


def test_a_file_that_cannot_be_locked_keeps_nobody_from_writing(tmp_path: Path) -> None:
    with WriteTurns(tmp_path / "missing" / "store.db").turn() as has_turn:
        assert not has_turn


def test_only_its_owner_may_read_the_file(file: Path) -> None:
    with WriteTurns(file).turn() as has_turn:
        assert has_turn
    assert (file.parent / "store.db-turn").stat().st_mode & 0o077 == 0


def test_whose_turn_it_is_gets_a_connection_however_many_wait_with_one(file: Path) -> None:
    url = f"sqlite:///{file}"
    engine = prepare_engine(sa.create_engine(url, **engine_options(url) | {"pool_timeout": 1.0}))
    with ExitStack() as waiting:
        waiting.callback(engine.dispose)
        for _ in range(60):
            waiting.enter_context(engine.connect()).exec_driver_sql("SELECT 1")
        with engine.connect().execution_options(writes=True) as writer:
            writer.exec_driver_sql("CREATE TABLE note (text)")
