"""How much later other hosts are called while one host accepts requests and never answers.

    python benchmarks/slow_host.py [--seconds 60] [--rate 8] [--database sqlite|postgres|both]

Orders come in at an even pace over HTTP; every second one calls the same host, the rest call twenty
others in turn. The same orders are sent twice in the same run: while all hosts answer, and while that one
hangs. Time counts from when an order was due until its request arrives. On SQLite the product is one process,
on Postgres two web servers and two workers. Prints a table and, as its last line, one JSON object: what the
others wait longer, in milliseconds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import requests
from flask import Flask

from automations.models.db.base import db
from tests.kit.fire.fleet import fleet
from tests.kit.fire.long_fire import new_shop
from tests.kit.live import wait_until
from tests.kit.outside.outside import allowing
from tests.kit.outside.sink import HttpSink, Seen
from tests.kit.set_up import api_key
from tests.kit.shop import condition, never_held, publish_automation, request_to

OTHERS = 20
#: Seconds after which what did not arrive is given up.
PATIENCE = 120.0
#: Seconds that pass before anything counts, so that all programs are at work.
WARM = 5.0


class Load:
    """Orders over HTTP at an even pace, and when the request of each one arrived."""

    def __init__(self, ports: Sequence[int], key: str, rate: float) -> None:
        self.ports, self.rate = ports, rate
        self.headers = {"Authorization": f"Bearer {key}"}
        self.arrived: dict[str, float] = {}

    def note(self, seen: Seen) -> int:
        self.arrived.setdefault(seen.path[1:], time.monotonic())
        return 200

    def run(self, word: str, seconds: float) -> list[float]:
        """What the calls of the others took, in seconds."""
        due: dict[str, float] = {}
        began = time.monotonic()
        with requests.Session() as session:
            session.headers.update(self.headers)
            for place in range(int(seconds * self.rate)):
                number, at = f"{word}-{place}", began + place / self.rate
                time.sleep(max(0.0, at - time.monotonic()))
                host = 0 if place % 2 else 1 + place // 2 % OTHERS
                url = f"http://127.0.0.1:{self.ports[place % len(self.ports)]}/api/orders"
                session.post(
                    url, json={"number": number, "total": f"{host}.00"}, timeout=30
                ).raise_for_status()
                if host:
                    due[number] = at
        wait_until(lambda: due.keys() <= self.arrived.keys(), limit=PATIENCE)
        return [self.arrived[number] - at for number, at in due.items()]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--rate", type=float, default=8, help="orders a second")
    options.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    given = options.parse_args()
    found = {}
    for kind in ("sqlite", "postgres") if given.database == "both" else (given.database,):
        with tempfile.TemporaryDirectory() as folder, new_shop(kind, Path(folder)) as app:
            found[kind] = measure(app, Path(folder), given.seconds, given.rate)
    print(json.dumps(found))


def measure(app: Flask, folder: Path, seconds: float, rate: float) -> dict[str, int]:
    """Print the table of one kind of database; returns what the others wait longer."""
    with HttpSink(hosts=OTHERS + 1) as sink, allowing("127.0.0.1"):
        for host in range(OTHERS + 1):
            call = request_to(sink.url(host, "/{{ order.number }}"))
            publish_automation(
                f"Host {host}", "created", condition("total", "equals", f"{host}.00"), actions=[call]
            )
        never_held()
        key, kind = api_key("load"), db.engine.dialect.name
        db.session.rollback()
        with fleet(app, folder) as programs:
            load = Load(programs.ports, key, rate)
            sink.answer = load.note
            load.run("warm", WARM)
            well = load.run("well", seconds)
            sink.hanging.add(sink.ports[0])
            hanging = load.run("hanging", seconds)
            sink.let_go()
    print(f"\n{kind}: milliseconds from an order to its request, {len(well)} requests to {OTHERS} hosts")
    print(f"{'':<22}{'p50':>8}{'p99':>8}{'longest':>9}")
    rows = {"all answer": figures(well), "one hangs": figures(hanging)}
    for name, row in rows.items():
        print(f"{name:<22}{row['p50']:>8,}{row['p99']:>8,}{row['longest']:>9,}")
    return {name: rows["one hangs"][name] - rows["all answer"][name] for name in ("p50", "p99")}


def figures(took: Sequence[float]) -> dict[str, int]:
    cuts = statistics.quantiles(took, n=100)
    wanted = {"p50": statistics.median(took), "p99": cuts[98], "longest": max(took)}
    return {name: round(value * 1000) for name, value in wanted.items()}


if __name__ == "__main__":
    main()
