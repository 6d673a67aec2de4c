"""Kills the program at every crash point in its source, and checks all invariants afterwards."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from flask import Flask

from automations.models.db.base import db
from tests.kit import source
from tests.kit.fire import fire
from tests.kit.fire.fleet import SOON, Fleet, fleet
from tests.kit.fire.invariants import violations
from tests.kit.fire.tills import BatchTill
from tests.kit.live import wait_until
from tests.kit.outside.sinks import Sinks, sinks
from tests.kit.set_up import api_key

#: Which passings to die at: the first, one in the middle of the work, and one near its end.
PASSINGS = (1, 2, 5)
#: Seconds within which some program has to die.
LIMIT = 120.0
#: Effects outside that a change has on average: five for the three changes of an order.
EACH = 5 / 3
#: Effects that one of the tills may be ahead, and seconds for which it then waits.
BEHIND, PATIENCE = 12, 0.5
TILLS = "ABCD"


def crash_points() -> list[str]:
    """Return the name of every crash point in the source; a new one is included by itself."""
    calls = (node for file in source.product() for node in ast.walk(file.tree) if isinstance(node, ast.Call))
    return [ast.literal_eval(call.args[0]) for call in calls if ast.unparse(call.func) == "crash.at"]


def kill_at_each(app: Flask, folder: Path, cases: Sequence[str]) -> tuple[list[str], list[str]]:
    """Kill at each case, "name:n", while orders come in; return where programs died and what is broken."""
    with sinks(faults=0) as outside:
        rules = fire.publish_automations(app, outside)
        key = api_key("till")
        db.session.rollback()
        db.engine.dispose()
        with fleet(app, folder, together=True, patches=SOON) as programs:
            ends = threading.Event()
            ports = programs.ports
            orders = {name: _at_their_pace(fire.endless(name, ends), outside, ends) for name in TILLS}
            tills = [BatchTill(ports, key, name, orders[name], together=1, pause=0.05) for name in orders]
            for till in tills:
                till.start()
            died = list(_kill_at(programs, cases))
            ends.set()
            for till in tills:
                till.join(timeout=60)
            # Runs in progress at a death are then performed alone, one after the other.
            wait_until(_quiet, limit=300)
        acknowledged = [change for till in tills for change in till.acknowledged]
        return died, violations(outside, acknowledged, rules)


def _at_their_pace(
    changes: Iterator[dict[str, Any]], outside: Sinks, ends: threading.Event
) -> Iterator[dict[str, Any]]:
    """Yield changes no faster than the programs do the work: a heap would only be worked off at the end.

    Work that a death left to a person never leaves, so what seems behind holds a change up for a moment only.
    """
    for yielded, change in enumerate(changes):
        waited_until = time.monotonic() + PATIENCE
        while yielded * EACH - _effects(outside) / len(TILLS) > BEHIND and time.monotonic() < waited_until:
            if ends.wait(0.02):
                break
        yield change


def _effects(outside: Sinks) -> int:
    return sum(map(len, (outside.emails, outside.texts, outside.calls)))


def _quiet() -> bool:
    fire.make_all_due()
    return fire.is_quiet()


def _kill_at(programs: Fleet, cases: Sequence[str]) -> Iterator[str]:
    """Start each program again and again, each time to die at another case; yield the cases it died at."""
    waiting, armed, last = list(cases), dict.fromkeys(range(len(programs.members)), ""), time.monotonic()
    for member in programs.members:
        member.kill()
    while waiting or any(armed.values()):
        assert time.monotonic() < last + LIMIT, f"Never passed: {armed}, left: {waiting}"
        for place, member in enumerate(programs.members):
            if member.pid and not member.has_ended():
                continue
            if member.pid:
                assert member.bury() == -9, member.words()
                if armed[place]:
                    yield armed[place]
            armed[place] = waiting.pop(0) if waiting else ""
            member.start(CRASH_AT=armed[place])
            last = time.monotonic()
        time.sleep(0.01)
