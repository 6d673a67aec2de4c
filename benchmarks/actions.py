"""From an order over HTTP to the request an automation sends because of it, beside Node-RED.

    python benchmarks/actions.py [--quick] [--database sqlite|postgres] [--automations 1,100,1000,10000]
                                 [--against REV] [--alone] [--latency MS] [--at-once N]

With --against, another build of the product, from a worktree of its own, takes its turns too. The last line
is JSON: the ratios to it and to Node-RED at the first number of automations, the latency at 30 a second,
and the requests a second to one host that takes 200 ms to answer, its limit raised to --at-once.

One web process, served as its documentation advises, and one worker of the product; Node-RED
with one flow for each automation, from npm. The same driver sends both the same orders, of which each fires
exactly one automation, and both send the same request to the same sink. The two sides take turns in the same
run. Measured are the requests per second when orders come as fast as eight connections get them answered, and
the time from an order to its request at a fixed rate. Here an order, its evaluation, its run and the attempt
are on the disk before the request leaves; Node-RED keeps nothing: what it has not sent when it stops is gone.
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

from benchmarks import actions_nodered
from benchmarks.line_sides import Build, checked_out
from tests.kit.databases import PostgresDatabases, postgres_url
from tests.kit.fire.programs import Program, free_port

SECRET = "only-for-the-benchmark-" * 2
#: name -> orders a second (0: as many as go), orders in one turn, connections.
LOADS = {"most": (0, 2000, 8), "30/s": (30, 300, 16), "200/s": (200, 1000, 32), "slow": (0, 1000, 8)}
#: Seconds that the slow host takes to answer.
SLOW = 0.2
TICKS = os.sysconf("SC_CLK_TCK")


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
    #: Its programs, whose processor time is measured.
    programs: dict[str, Program] = field(default_factory=dict)
    latency: float = 0.0
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
        job["latency"] = SLOW if name == "slow" else self.latency
        before = {part: processor_time(program) for part, program in self.programs.items()}
        found = load.run(job)
        for part, program in self.programs.items():
            found[f"cpu_{part}_ms"] = (processor_time(program) - before[part]) / requests * 1e3
        self.found.setdefault(name, []).append(found)

    def median(self, load: str, what: str) -> float:
        return statistics.median(one[what] for one in self.found[load])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="one turn instead of three, and shorter")
    options.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    options.add_argument("--automations", default="1,100,1000,10000")
    options.add_argument("--alone", action="store_true", help="without Node-RED")
    options.add_argument("--against", default="", help="another build: a commit, a branch or a tag")
    options.add_argument("--latency", type=float, default=0.0, help="milliseconds the sink takes to answer")
    options.add_argument("--at-once", type=int, default=40, help="requests to one host at the same time")
    given = options.parse_args()
    print(f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f}, {given.database}")
    print(f"{'automations':>11} {'':<9}{'per second':>11}{'answered':>9}{'slow API':>9}", end="")
    print(f"{'30/s p50':>10}{'p95':>6}{'200/s p50':>11}{'p95':>6}   ms{'CPU web':>9}{'worker':>8}   ms")
    result: dict[str, Any] = {}
    summary: dict[str, Any] = {}
    for count in map(int, given.automations.split(",")):
        sides = measure(given, count)
        for side in sides:
            print_row(count, side)
        result[str(count)] = {side.name: row_of(side) for side in sides}
        summary = summary or summary_of(sides)
    print(json.dumps({**summary, "rows": result}))


def summary_of(sides: list[Side]) -> dict[str, Any]:
    """The figures that are compared from one version to the next."""
    first, others = sides[0], {side.name: side for side in sides[1:]}
    row = row_of(first)
    return {
        "vs_before": ratio(first, others.get("before")),
        "vs_node_red": ratio(first, others.get("Node-RED")),
        "p50_30": row["p50_ms 30/s"],
        "slow_api_per_second": row["slow_per_second"],
    }


def ratio(first: Side, other: Side | None) -> float | None:
    """The median of the ratios of the turns, each with the other side's turn beside it."""
    if other is None:
        return None
    pairs = zip(first.found["most"], other.found["most"], strict=True)
    return round(statistics.median(one["per_second"] / two["per_second"] for one, two in pairs), 2)


def measure(given: argparse.Namespace, automations: int) -> list[Side]:
    """All loads on all sides, in turns."""
    with ExitStack() as stack:
        load = Load()
        stack.callback(load.process.kill)
        builds = [Build("ours", ROOT)]
        if given.against:
            folder = stack.enter_context(checked_out(given.against))
            builds.append(Build("before", folder))
        sides = [stack.enter_context(ours(build, given, automations, load.sink)) for build in builds]
        if not given.alone:
            port = stack.enter_context(actions_nodered.node_red(automations, load.sink))
            sides.append(Side("Node-RED", port, latency=given.latency / 1e3))
        for side in sides:
            side.warm_up(load)
        for _ in range(1 if given.quick else 3):
            for name in LOADS:
                for side in sides:
                    side.turn(load, name, 0.4 if given.quick else 1)
    return sides


def processor_time(program: Program) -> float:
    """The seconds of processor time that a program and its children have used."""
    pid = program.process.pid if program.process else 0
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    used = 0
    for one in (str(pid), *children):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        used += int(fields[11]) + int(fields[12])
    return used / TICKS


#: Run in the build's own folder, with its own code: prints the key of the API.
PREPARE = """
import sys
from app import create_app
from benchmarks import line_shop
url, secret, automations, sink, at_once = sys.argv[1:]
app = create_app({"DATABASE_URL": url, "SECRET_KEY": secret})
key = line_shop.prepare(app, int(automations), request_to=f"http://127.0.0.1:{sink}/")
try:
    from automations.models.settings import call_limits
except ImportError:
    pass  # A build without limits of its own.
else:
    from automations.models.db.base import write
    from automations.models.tables.store import Connection
    with app.app_context(), write() as session:
        settings = {"at_once": int(at_once), "hosts": {}}
        session.add(Connection(store_id=1, kind="http", settings=settings, updated_at=line_shop.NOW))
print(key)
"""


@contextmanager
def ours(build: Build, given: argparse.Namespace, automations: int, sink: int) -> Iterator[Side]:
    """A web process and a worker of a build, on a database of their own."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder, port = Path(temporary), free_port()
        url = f"sqlite:///{folder / 'actions.db'}"
        if given.database == "postgres":
            made = PostgresDatabases(postgres_url(hurry=False))
            stack.callback(made.drop)
            url = made.url
        arguments = [url, SECRET, str(automations), str(sink), str(given.at_once)]
        prepared = subprocess.run(
            [sys.executable, "-c", PREPARE, *arguments],
            cwd=build.folder,
            env={**os.environ, "DATA_FOLDER": str(folder)},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        environment = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "PORT": str(port)}
        environment |= {"DATA_FOLDER": str(folder), "ALLOWED_PRIVATE_HOSTS": "127.0.0.1"}
        worker = ["-m", "flask", "--app", "app", "worker"]
        programs = {}
        parts = {"web": (build.web(port), port), "worker": (worker, None)}
        for part, (command, answers) in parts.items():
            program = Program(command, environment, folder / f"{part}.log", answers, root=build.folder)
            program.start()
            stack.callback(program.kill)
            program.wait_until_ready()
            programs[part] = program
        key = prepared.stdout.strip().splitlines()[-1]
        yield Side(build.name, port, key, programs=programs, latency=given.latency / 1e3)


def row_of(side: Side) -> dict[str, float]:
    row = {"per_second": side.median("most", "per_second")}
    row["answered_per_second"] = side.median("most", "answered_per_second")
    row["slow_per_second"] = side.median("slow", "per_second")
    for name in ("30/s", "200/s"):
        row |= {f"{what} {name}": side.median(name, what) for what in ("p50_ms", "p95_ms")}
    for part in side.programs:
        row |= {f"cpu_{part}_ms {name}": side.median(name, f"cpu_{part}_ms") for name in ("most", "30/s")}
    turns = [one for found in side.found.values() for one in found]
    row["twice"] = sum(one["twice"] for one in turns)
    return {name: round(value, 1) for name, value in row.items()}


def print_row(count: int, side: Side) -> None:
    row = row_of(side)
    print(f"{count:>11,} {side.name:<9}{row['per_second']:>11,.0f}", end="")
    print(f"{row['answered_per_second']:>9,.0f}{row['slow_per_second']:>9,.0f}", end="")
    print(f"{row['p50_ms 30/s']:>10,.0f}{row['p95_ms 30/s']:>6,.0f}", end="")
    print(f"{row['p50_ms 200/s']:>11,.0f}{row['p95_ms 200/s']:>6,.0f}", end="")
    used = [row.get(f"cpu_{part}_ms most") for part in ("web", "worker")]
    print("     " + "".join(f"{'–' if one is None else f'{one:.1f}':>8}" for one in used), flush=True)


if __name__ == "__main__":
    main()
