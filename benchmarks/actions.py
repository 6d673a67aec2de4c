"""From an order over HTTP to the request an automation sends because of it, beside Node-RED.

    python benchmarks/actions.py [--quick] [--database sqlite|postgres] [--automations 1,100,1000,10000]

One web process (two threads) and one worker of the product; Node-RED with one flow for each automation, from
npm. The same driver sends both the same orders, of which each fires exactly one automation, and both send the
same request to the same sink. The two sides take turns in the same run. Measured are the requests per
second when orders come as fast as eight connections get them answered, and the time from an order to its
request at a fixed rate. Here an order, its evaluation, its run and the attempt are on the disk before
the request leaves; Node-RED keeps nothing: what it has not sent when it stops is gone.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app import create_app
from benchmarks import actions_nodered, line_shop
from tests.kit.databases import PostgresDatabases, postgres_url
from tests.kit.fire.programs import Program, free_port

SECRET = "only-for-the-benchmark-" * 2
#: name -> orders a second (0: as many as go), orders in one turn, connections.
LOADS = {"most": (0, 2000, 8), "30/s": (30, 300, 16), "200/s": (200, 1000, 32)}


class Load:
    """The driver and sink, a process of its own."""

    def __init__(self) -> None:
        program = [sys.executable, str(ROOT / "benchmarks" / "actions_load.py")]
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.sink = int(self._line())

    def run(self, job: dict[str, Any]) -> dict[str, float]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        found: dict[str, float] = json.loads(self._line())
        return found

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()


@dataclass
class Side:
    """One of the two, running."""

    name: str
    port: int
    key: str = ""
    sent: int = 0
    found: dict[str, list[dict[str, float]]] = field(default_factory=dict)

    def turn(self, load: Load, name: str, share: float) -> None:
        rate, requests, clients = LOADS[name]
        self._run(load, name, rate, int(requests * share), clients)

    def warm_up(self, load: Load) -> None:
        self._run(load, "warm-up", 0, 60, 4)

    def _run(self, load: Load, name: str, rate: int, requests: int, clients: int) -> None:
        job = {"port": self.port, "path": actions_nodered.PATH, "key": self.key}
        self.sent += 1
        job |= {"prefix": f"T{self.sent}-", "rate": rate, "requests": requests, "clients": clients}
        self.found.setdefault(name, []).append(load.run(job))

    def median(self, load: str, what: str) -> float:
        return statistics.median(one[what] for one in self.found[load])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="one turn instead of three, and shorter")
    options.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    options.add_argument("--automations", default="1,100,1000,10000")
    options.add_argument("--alone", action="store_true", help="without Node-RED")
    given = options.parse_args()
    print(f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f}, {given.database}")
    print(f"{'automations':>11} {'':<9}{'per second':>11}{'answered':>9}", end="")
    print(f"{'30/s p50':>10}{'p95':>6}{'200/s p50':>11}{'p95':>6}   ms")
    result: dict[str, Any] = {}
    for count in map(int, given.automations.split(",")):
        sides = measure(given.database, count, given.quick, given.alone)
        for side in sides:
            print_row(count, side)
        result[str(count)] = {side.name: row_of(side) for side in sides}
    print(json.dumps(result))


def measure(database: str, automations: int, quick: bool, alone: bool) -> list[Side]:
    """All loads on both sides, in turns."""
    with ExitStack() as stack:
        load = Load()
        stack.callback(load.process.kill)
        sides = [stack.enter_context(ours(database, automations, load.sink))]
        if not alone:
            port = stack.enter_context(actions_nodered.node_red(automations, load.sink))
            sides.append(Side("Node-RED", port))
        for side in sides:
            side.warm_up(load)
        for _ in range(1 if quick else 3):
            for name in LOADS:
                for side in sides:
                    side.turn(load, name, 0.4 if quick else 1)
    return sides


@contextmanager
def ours(database: str, automations: int, sink: int) -> Iterator[Side]:
    """A web process and a worker on a database of their own."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder, port = Path(temporary), free_port()
        url = f"sqlite:///{folder / 'actions.db'}"
        if database == "postgres":
            made = PostgresDatabases(postgres_url(hurry=False))
            stack.callback(made.drop)
            url = made.url
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": SECRET})
        key = line_shop.prepare(app, automations, request_to=f"http://127.0.0.1:{sink}/")
        environment = {"DATABASE_URL": app.config["DATABASE_URL"], "SECRET_KEY": SECRET}
        environment |= {"DATA_FOLDER": str(folder), "ALLOWED_PRIVATE_HOSTS": "127.0.0.1"}
        web = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", "2"]
        worker = ["-m", "flask", "--app", "app", "worker"]
        for arguments, answers in (([*web, "app:create_app()"], port), (worker, None)):
            program = Program(arguments, environment, folder / "log", answers)
            program.start()
            stack.callback(program.kill)
            program.wait_until_ready()
        yield Side("ours", port, key)


def row_of(side: Side) -> dict[str, float]:
    row = {"per_second": side.median("most", "per_second")}
    row["answered_per_second"] = side.median("most", "answered_per_second")
    for name in ("30/s", "200/s"):
        row |= {f"{what} {name}": side.median(name, what) for what in ("p50_ms", "p95_ms")}
    turns = [one for found in side.found.values() for one in found]
    row["twice"] = sum(one["twice"] for one in turns)
    return {name: round(value, 1) for name, value in row.items()}


def print_row(count: int, side: Side) -> None:
    row = row_of(side)
    print(
        f"{count:>11,} {side.name:<9}{row['per_second']:>11,.0f}{row['answered_per_second']:>9,.0f}", end=""
    )
    print(f"{row['p50_ms 30/s']:>10,.0f}{row['p95_ms 30/s']:>6,.0f}", end="")
    print(f"{row['p50_ms 200/s']:>11,.0f}{row['p95_ms 200/s']:>6,.0f}", flush=True)


if __name__ == "__main__":
    main()
