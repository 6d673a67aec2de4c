"""Replays the product's statements on a disk whose power is cut at a random moment.

    python -m tests.kit.faults.power_cuts [cuts] [seed]

The statements are those that SQLite received from the running product, word for word, with its settings.
Each cut replays them until the power goes, switches the machine on again and checks whether the file is
sound and every transaction is there whose commit was acknowledged.
"""

from __future__ import annotations

import contextlib
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
import sqlalchemy as sa
from flask import Flask

from app import create_app
from automations.models.db import schema
from automations.models.db.base import db, write
from automations.models.db.database import SQLITE_PRAGMAS
from tests import world
from tests.kit.faults.forgetful_disk import ForgetfulVfs, PowerCut, SimulatedDisk
from tests.kit.shop import place_order, publish_automation
from tests.kit.steps import perform_and_record

FILE = "store.db"
#: The layer has no shared memory. The short log is often moved into the file, so that cuts hit that too.
SETTING = ("PRAGMA locking_mode=EXCLUSIVE", *SQLITE_PRAGMAS, "PRAGMA wal_autocheckpoint=12")
COUNTED = ('"order"', "occurrence", "evaluation", "run", "attempt", "message")
ORDERS = 6
State = tuple[int, ...]


@dataclass(frozen=True)
class Recording:
    """A database before, the statements that followed, and its state after each commit."""

    before: bytes
    statements: Sequence[str]
    states: Sequence[State]
    operations: int


def record(app: Flask, file: Path) -> Recording:
    """Let the product take orders, send and record; return what SQLite was told."""
    publish_automation("Confirm", "created")
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.session.remove()
    db.engine.dispose()
    before, trace = file.read_bytes(), list[str]()

    def listen(connection: Any, _record: Any) -> None:
        connection.set_trace_callback(trace.append)

    sa.event.listen(db.engine, "connect", listen)
    try:
        for number in range(ORDERS):
            place_order(str(number), customer_id=1)
            place_order(str(number), customer_id=1, note=f"Ring twice at {number}")
        perform_and_record(app)
    finally:
        sa.event.remove(db.engine, "connect", listen)
        db.session.remove()
        db.engine.dispose()
    statements = [text for text in trace if not text.startswith("PRAGMA")]
    disk = SimulatedDisk({FILE: before})
    states = list(_play(disk, statements))
    return Recording(before, statements, states, disk.operations)


def cut(recording: Recording, chance: random.Random, extra: Iterable[str] = ()) -> str:
    """Cut the power once; return "sound", "lost" (an acknowledged commit is missing) or "corrupt"."""
    disk = SimulatedDisk({FILE: recording.before})
    disk.cut_at = chance.randint(1, recording.operations)
    acknowledged = -1
    with contextlib.suppress(apsw.Error, PowerCut):
        for _ in _play(disk, recording.statements, extra):
            acknowledged += 1
    state = _look(disk.after_cut(chance))
    if state is None:
        return "corrupt"
    # The commit in progress may have succeeded without being acknowledged.
    first = max(acknowledged, 0)
    allowed = recording.states[first : first + 2]
    return "sound" if state in allowed else "lost"


def _play(disk: SimulatedDisk, statements: Sequence[str], extra: Iterable[str] = ()) -> Iterable[State]:
    """Yield the state at first, and after each acknowledged commit."""
    with _opened(disk) as connection:
        for setting in (*SETTING, *extra):
            connection.execute(setting)
        yield _state(connection)
        for text in statements:
            connection.execute(text)
            if text == "COMMIT":
                yield _state(connection)


def _look(files: dict[str, bytes]) -> State | None:
    try:
        with _opened(SimulatedDisk(files)) as connection:
            for setting in SETTING:
                connection.execute(setting)
            if connection.execute("PRAGMA integrity_check").get != "ok":
                return None
            return _state(connection)
    except apsw.Error:
        return None


@contextlib.contextmanager
def _opened(disk: SimulatedDisk) -> Any:
    name = f"forgetful-{id(disk)}"
    vfs = ForgetfulVfs(name, disk)
    connection = None
    try:
        connection = apsw.Connection(FILE, vfs=name)
        yield connection
    finally:
        with contextlib.suppress(apsw.Error):
            if connection:
                connection.close(True)
        vfs.unregister()


def _state(connection: apsw.Connection) -> State:
    counts = [connection.execute(f"SELECT count(*) FROM {table}").get for table in COUNTED]
    revisions = connection.execute('SELECT coalesce(sum(revision), 0) FROM "order"').get
    tries = connection.execute("SELECT coalesce(sum(tries * 10 + length(state)), 0) FROM run").get
    return (*counts, revisions, tries)


def cut_often(recording: Recording, cuts: int, seed: int, extra: Iterable[str] = ()) -> Counter[str]:
    """Cut the power `cuts` times; return how often each result came."""
    chance = random.Random(seed)
    return Counter(cut(recording, chance, extra) for _ in range(cuts))


def main() -> None:
    cuts, seed = (int(word) for word in (sys.argv[1:] + ["2000", "1"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / FILE
        app = create_app({"DATABASE_URL": f"sqlite:///{file}", "SECRET_KEY": "x" * 40, "DATA_FOLDER": folder})
        with app.app_context():
            schema.upgrade()
            with write() as session:
                world.build(session)
            recording = record(app, file)
        commits, places = len(recording.states) - 1, recording.operations
        print(f"{len(recording.statements)} statements, {commits} commits, {places} places for a cut")
        for extra in ((), ("PRAGMA synchronous=NORMAL", "PRAGMA wal_autocheckpoint=1000")):
            results = cut_often(recording, cuts, seed, extra)
            name, lost = extra[0] if extra else "as the product sets it", results["lost"]
            print(f"{cuts} cuts, {name}: {results['corrupt']} corrupt, {lost} lost what was acknowledged")


if __name__ == "__main__":
    main()
