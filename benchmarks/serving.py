"""Ways to serve the same program, in turns in one run: what a web server and keeping to one core are worth.

    python benchmarks/serving.py [--quick] [--database sqlite|postgres] [--connections 2,8,32]

Each way has a web process and a database of its own and takes the same orders, one by one over so many
connections: as it is; on one core, but with threads that push each other aside; free of its core; and by
gunicorn and granian, also free, as neither knows of cores. Prints orders a second, the ratio to the first
way, the CPU of the web process for an order, and how often its threads took turns for an order, by waiting
and by being pushed aside. The last line is JSON: the ratios. Needs benchmarks/requirements.txt.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from automations.web.setup.server import THREADS
from benchmarks.line_sides import Build, Side, side

CORES = os.sched_getaffinity(0)
AUTOMATIONS = 100


@dataclass(frozen=True)
class OtherServer(Build):
    """Served by another server, with as many threads as the program's own has."""

    threads: int


@dataclass(frozen=True)
class ByGunicorn(OtherServer):
    """Served as production was before `flask web`."""

    def web(self, port: int) -> list[str]:
        """Return the arguments of Python that serve one web process."""
        serve = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
        return [*serve, "--threads", str(self.threads), "app:create_app()"]


@dataclass(frozen=True)
class ByGranian(OtherServer):
    """Served by a server written in Rust."""

    def web(self, port: int) -> list[str]:
        """Return the arguments of Python that serve one web process."""
        serve = ["-m", "granian", "--interface", "wsgi", "--no-ws", "--port", str(port), "--factory"]
        return [*serve, "--blocking-threads", str(self.threads), "app:create_app"]


def as_it_is(_task: int) -> None:
    """Leave a thread as the program made it."""


def pushing(task: int) -> None:
    """Let a thread push others of its core aside when it is woken, as Linux does with all."""
    os.sched_setscheduler(task, os.SCHED_OTHER, os.sched_param(0))


def free(task: int) -> None:
    """Let a thread run on all cores."""
    pushing(task)
    os.sched_setaffinity(task, CORES)


def ways_on(database: str) -> tuple[tuple[Build, Callable[[int], None]], ...]:
    """Return each way with what it does to a thread of the server."""
    threads = THREADS["sqlite" if database == "sqlite" else "postgresql"]
    return (
        (Build("as it is", ROOT), as_it_is),
        (Build("one core, pushing", ROOT), pushing),
        (Build("free", ROOT), free),
        (ByGunicorn("gunicorn", ROOT, threads), as_it_is),
        (ByGranian("granian", ROOT, threads), as_it_is),
    )


@dataclass
class Way:
    """One way, running, and what was measured of it."""

    side: Side
    #: By connections: orders a second, ms of CPU, turns by waiting and by being pushed aside, for an order.
    found: dict[int, list[tuple[float, ...]]] = field(default_factory=dict)

    def turn(self, connections: int, requests: int) -> None:
        """Post so many orders and note what it took."""
        before = switches(self.side.server.pid)
        rate, cpu = self.side.rate(1, requests, connections)
        turns = (
            (now - then) / requests for now, then in zip(switches(self.side.server.pid), before, strict=True)
        )
        self.found.setdefault(connections, []).append((rate, cpu, *turns))

    def of(self, connections: int) -> tuple[float, ...]:
        """Return the medians."""
        return tuple(map(statistics.median, zip(*self.found[connections], strict=True)))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true", help="three turns instead of seven")
    options.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    options.add_argument("--connections", default="2,8,32")
    given = options.parse_args()
    counts = [int(count) for count in given.connections.split(",")]
    with ExitStack() as stack:
        ways = []
        for build, change in ways_on(given.database):
            running = stack.enter_context(side(build, given.database, AUTOMATIONS, mixed=True))
            for process in processes(running.server.pid):
                for task in Path(f"/proc/{process}/task").iterdir():
                    change(int(task.name))
            ways.append(Way(running))
        for _ in range(3 if given.quick else 7):
            for count in counts:
                for way in ways:
                    way.turn(count, 1200)
        print(f"{given.database}, {len(CORES)} cores, load average {os.getloadavg()[0]:.1f}")
        print(
            f"{'way':18} {'conn.':>5} {'orders/s':>8} {'ratio':>6} {'CPU ms':>7} {'waiting':>8} {'pushed':>7}"
        )
        ratios: dict[str, dict[int, float]] = {}
        for count in counts:
            first = ways[0].of(count)[0]
            for way in ways:
                rate, cpu, waiting, pushed = way.of(count)
                name = way.side.build.name
                ratios.setdefault(name, {})[count] = round(rate / first, 2)
                print(f"{name:18} {count:5} {rate:8,.0f} {rate / first:6.2f} {cpu:7.2f}", end=" ")
                print(f"{waiting:8.1f} {pushed:7.1f}")
    print(json.dumps(ratios))


def processes(pid: int) -> Iterator[int]:
    """Yield a process and those that it started."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from processes(int(child))


def switches(pid: int) -> tuple[int, int]:
    """Return how often the threads of a process and of its children gave up a core, and had to."""
    names = ("voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:")
    totals = dict.fromkeys(names, 0)
    for process in processes(pid):
        for status in Path(f"/proc/{process}/task").glob("*/status"):
            for line in status.read_text().splitlines():
                if line.startswith(names):
                    totals[line.split()[0]] += int(line.split()[1])
    return totals[names[0]], totals[names[1]]


if __name__ == "__main__":
    main()
