"""Orders per second through HTTP, as a share of the raw database doing the same inserts.

    python benchmarks/line.py [--quick] [--mixed] [--database sqlite|postgres|both] [--against REVISION]
                              [--connections 2,16,32] [--automations 1,100,10000]

One web process of the product (no worker) takes orders over HTTP: one at a time over so many connections, and
in batches of 100 and 1,000 over one; one order in ten fires an automation. The raw side is the same driver
with the same settings and the same rows (order, occurrence, evaluation, run) in transactions of the same
size. With --against, the web process of another revision takes the same orders, with the same installed
packages and served as its documentation advised. All sides take turns in the same run; every body is
distinct. With --mixed half of the automations have an or-group, a condition on lines or one on the customer.

The raw side speaks no HTTP, reads nothing and has its rows ready as the driver takes them: no share of one
can be reached. Prints a table per database and, as its last line, one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app import create_app
from benchmarks import line_shop
from benchmarks.line_raw import Raw
from benchmarks.line_sides import (
    SECRET,
    Build,
    Side,
    checked_out,
    database_url,
    side,
)

AUTOMATIONS = (1, 100, 10_000)
CONNECTIONS = (2, 16, 32)
#: Requests in one turn of batches, by their size.
BATCHES = {100: 12, 1000: 3}
SINGLES = 600
NOW, BEFORE, RAW = "now", "before", "raw"
#: Size of the requests and number of connections.
Load = tuple[int, int]


@dataclass
class Bench:
    """One number of automations: the sides, and what they did at each load, turn by turn."""

    sides: list[Side]
    raw: Raw
    rates: dict[tuple[str, Load], list[float]] = field(default_factory=dict)
    cpu: dict[tuple[str, Load], list[float]] = field(default_factory=dict)

    def turn(self, load: Load, requests: int) -> None:
        """Each side once, with the same number of orders; who begins changes from turn to turn."""
        size, clients = load
        for one in self.sides:
            rate, cpu = one.rate(size, requests, clients)
            self.rates.setdefault((one.build.name, load), []).append(rate)
            self.cpu.setdefault((one.build.name, load), []).append(cpu)
        self.rates.setdefault((RAW, load), []).append(self.raw.rate(requests, size))
        self.sides.reverse()

    def of(self, name: str, load: Load) -> float:
        return statistics.median(self.rates[name, load])

    def cpu_of(self, name: str, load: Load) -> float:
        return statistics.median(self.cpu[name, load])

    def ratio(self, one: str, other: str, load: Load) -> float:
        """Return the median of the ratios of the pairs, each measured in one turn."""
        pairs = zip(self.rates[one, load], self.rates[other, load], strict=True)
        return statistics.median(first / second for first, second in pairs)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--mixed", action="store_true")
    options.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    options.add_argument("--against", metavar="REVISION")
    options.add_argument("--connections", type=_numbers, default=CONNECTIONS)
    options.add_argument("--automations", type=_numbers, default=AUTOMATIONS)
    given = options.parse_args()
    databases = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    result: dict[str, Any] = {}
    with ExitStack() as stack:
        builds = [Build(NOW, ROOT)]
        if given.against:
            builds.append(Build(BEFORE, stack.enter_context(checked_out(given.against))))
        for kind in databases:
            result[kind] = measure(kind, builds, given)
    print(json.dumps(result))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def measure(kind: str, builds: Sequence[Build], given: argparse.Namespace) -> dict[str, float]:
    """Print the table of one database; return its figures."""
    loads: dict[Load, int] = {(1, clients): SINGLES for clients in given.connections}
    loads |= {(size, 1): requests for size, requests in BATCHES.items()}
    turns = 3 if given.quick else 7
    with ExitStack() as stack:
        benches = {
            count: stack.enter_context(bench(kind, builds, count, given.mixed)) for count in given.automations
        }
        for _ in range(turns):
            for load, requests in loads.items():
                for one in benches.values():
                    one.turn(load, requests)
    has_before = len(builds) > 1
    _print_table(kind, benches, list(loads), turns, has_before)
    return _figures(benches, given, has_before)


def _figures(benches: dict[int, Bench], given: argparse.Namespace, has_before: bool) -> dict[str, float]:
    few, many = (1, min(given.connections)), (1, max(given.connections))
    singles = [one.of(NOW, few) for one in benches.values()]

    def least(value: Callable[[Bench], float]) -> float:
        return round(min(value(one) for one in benches.values()), 3)

    figures = {
        "single_share": least(lambda one: one.ratio(NOW, RAW, few)),
        f"single_{many[1]}_share": least(lambda one: one.ratio(NOW, RAW, many)),
        "batch_share": least(lambda one: one.ratio(NOW, RAW, (1000, 1))),
        "flatness": round(singles[0] / singles[-1], 3),
        f"single_{many[1]}_cpu_ms": round(max(one.cpu_of(NOW, many) for one in benches.values()), 3),
    }
    if has_before:
        figures[f"single_{few[1]}_vs_before"] = least(lambda one: one.ratio(NOW, BEFORE, few))
        figures[f"single_{many[1]}_vs_before"] = least(lambda one: one.ratio(NOW, BEFORE, many))
        figures["batch_vs_before"] = least(lambda one: one.ratio(NOW, BEFORE, (1000, 1)))
    return figures


def _print_table(
    kind: str, benches: dict[int, Bench], loads: Sequence[Load], turns: int, has_before: bool
) -> None:
    load_average = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{kind}: orders per second, median of {turns} turns, load average {load_average}")
    before = f" {'before':>8} {'ratio':>6} {'CPU before':>11}" if has_before else ""
    head = f"{'automations':>11} {'size':>5} {'conn.':>5} {'now':>8} {'raw':>8} {'share':>6} {'CPU ms':>7}"
    print(head + before)
    for count, one in benches.items():
        for load in loads:
            line = f"{count:>11,} {load[0]:>5,} {load[1]:>5} {one.of(NOW, load):>8,.0f}"
            line += f" {one.of(RAW, load):>8,.0f} {one.ratio(NOW, RAW, load):>6.0%}"
            line += f" {one.cpu_of(NOW, load):>7.2f}"
            if has_before:
                line += f" {one.of(BEFORE, load):>8,.0f} {one.ratio(NOW, BEFORE, load):>6.2f}"
                line += f" {one.cpu_of(BEFORE, load):>11.2f}"
            print(line, flush=True)


@contextmanager
def bench(kind: str, builds: Sequence[Build], automations: int, mixed: bool) -> Iterator[Bench]:
    """Each build with its database and automations, and the raw side with its own."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        sides = [stack.enter_context(side(build, kind, automations, mixed)) for build in builds]
        urls = [sides[0].url, database_url(kind, Path(temporary) / "raw.db", stack)]
        app, own = (
            create_app({"DATABASE_URL": url, "SECRET_KEY": SECRET, "DATA_FOLDER": temporary}) for url in urls
        )
        line_shop.prepare(own, 1)
        yield Bench(sides, Raw(app, own))


if __name__ == "__main__":
    main()
