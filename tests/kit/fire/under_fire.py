"""One load test from start to end: tills post, programs are killed, then all invariants are checked."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.run import Run
from tests.kit.fire import fire
from tests.kit.fire.fleet import SOON, fleet
from tests.kit.fire.invariants import violations
from tests.kit.live import wait_until
from tests.kit.outside.sinks import sinks


@dataclass(frozen=True)
class LoadReport:
    """The report of a load test."""

    acknowledged: int
    refused: int
    kills: int
    seconds: float
    #: Number of runs by final state.
    states: Counter[str]
    #: Effects outside, and calls to the API with a key it already knew.
    effects: int
    repeated: int
    exit_codes: list[int]
    #: A sentence for each violated invariant.
    wrong: list[str]


def run_load_test(
    app: Flask, folder: Path, seed: int, orders: int, changes: int, kills: int, limit: float
) -> LoadReport:
    """Post `orders` times `changes` while programs are killed `kills` times; `limit` is in seconds."""
    began, killed = time.monotonic(), 0
    with sinks() as outside:
        rules = fire.publish_automations(app, outside)
        db.session.rollback()
        db.engine.dispose()
        with fleet(app, folder, seed, patches=SOON) as programs:
            tills = fire.tills(programs.ports, orders, changes, seed)
            for till in tills:
                till.start()
            while killed < kills:
                time.sleep(programs.chance.uniform(0.05, 0.35))
                killed += programs.trouble()
            for till in tills:
                till.join(timeout=limit)
            wait_until(_quiet, limit=limit)
            codes = programs.stop()
        acknowledged = [change for till in tills for change in till.acknowledged]
        wrong = violations(outside, acknowledged, rules)
        wrong += [f"refused: {answer}" for till in tills for answer in till.refused]
        missing = orders * changes - len(acknowledged)
        wrong += [f"{missing} changes were never acknowledged"] if missing else []
        states = Counter(db.session.scalars(sa.select(Run.state)))
        effects = sum(map(len, (outside.emails, outside.texts, outside.calls)))
        counts = (len(acknowledged), sum(len(till.refused) for till in tills), killed)
        repeated = outside.deliveries - effects
        return LoadReport(*counts, time.monotonic() - began, states, effects, repeated, codes, wrong)


def _quiet() -> bool:
    fire.make_all_due()
    return fire.is_quiet()
