"""Events per second through HTTP, as a share of the raw database doing the same inserts.

    python benchmarks/line.py [--quick] [--mixed] [--database sqlite|postgres|both]

One web process of the product (two threads, no worker) takes orders over HTTP, one at a time and in
batches of 100 and 1,000, with 1, 100 and 10,000 automations live; one order in ten fires one of them. The raw
side is the same driver with the same settings and the same rows (order, occurrence, evaluation,
run) in transactions of the same size. Both sides take turns in the same run; every body is
distinct. With --mixed half of the automations have an or-group, a condition on lines or one on the customer.

The raw side speaks no HTTP, reads nothing and has its rows ready as the driver takes them: no share of one
can be reached. Prints a table per database and, as its last line, one JSON object.
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

from flask import Flask

from app import create_app
from benchmarks import line_shop
from benchmarks.line_raw import Raw
from tests.kit.databases import PostgresDatabases, postgres_url
from tests.kit.fire.programs import Program, free_port

AUTOMATIONS = (1, 100, 10_000)
SIZES = (1, 100, 1000)
#: Requests in one turn, by batch size.
REQUESTS = {1: 300, 100: 12, 1000: 3}
CLIENTS = {1: 2, 100: 1, 1000: 1}
SECRET = "only-for-the-benchmark-" * 2


@dataclass
class Bench:
    """One database with its web process, its raw side and its client."""

    program: Program
    raw: Raw | None
    client: Any
    key: str
    sent: int = 0
    rates: dict[tuple[str, int], list[float]] = field(default_factory=dict)

    def turn(self, size: int, requests: int) -> None:
        """HTTP, then raw, with the same number of orders."""
        assert self.raw is not None
        http = self.rate(size, requests)
        raw = self.raw.rate(requests, size)
        for side, rate in (("http", http), ("raw", raw)):
            self.rates.setdefault((side, size), []).append(rate)

    def rate(self, size: int, requests: int) -> float:
        """Orders a second over HTTP."""
        job = {"port": self.program.port, "key": self.key, "prefix": "H", "first": self.sent}
        job |= {"size": size, "requests": requests, "clients": CLIENTS[size]}
        self.sent += size * requests
        self.client.stdin.write(json.dumps(job) + "\n")
        self.client.stdin.flush()
        return size * requests / float(self.client.stdout.readline())

    def warm_up(self) -> None:
        self.rate(1, 40)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quick", action="store_true")
    options.add_argument("--mixed", action="store_true")
    options.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    given = options.parse_args()
    databases = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    result: dict[str, Any] = {}
    for kind in databases:
        result[kind] = measure(kind, 3 if given.quick else 7, given.mixed)
    print(json.dumps(result))


def measure(kind: str, repeats: int, mixed: bool) -> dict[str, float]:
    """Print the table of one database; returns its three figures."""
    medians: dict[tuple[int, str, int], float] = {}
    with ExitStack() as stack:
        benches = {count: stack.enter_context(bench(kind, count, mixed)) for count in AUTOMATIONS}
        for _ in range(repeats):
            for size in SIZES:
                for one in benches.values():
                    one.turn(size, REQUESTS[size])
        for count, one in benches.items():
            for (side, size), rates in one.rates.items():
                medians[count, side, size] = statistics.median(rates)
    _print_table(kind, medians, repeats)
    singles = {count: medians[count, "http", 1] for count in AUTOMATIONS}
    return {
        "single_share": round(min(_share(medians, count, 1) for count in AUTOMATIONS), 3),
        "batch_share": round(min(_share(medians, count, 1000) for count in AUTOMATIONS), 3),
        "flatness": round(singles[1] / singles[10_000], 3),
    }


def _share(medians: dict[tuple[int, str, int], float], count: int, size: int) -> float:
    return medians[count, "http", size] / medians[count, "raw", size]


def _print_table(kind: str, medians: dict[tuple[int, str, int], float], repeats: int) -> None:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{kind}: orders per second, median of {repeats} turns, load average {load}")
    print(f"{'automations':>12} {'batch':>6} {'over HTTP':>10} {'raw':>10} {'share':>7}")
    for count in AUTOMATIONS:
        for size in SIZES:
            http, raw = medians[count, "http", size], medians[count, "raw", size]
            print(f"{count:>12,} {size:>6,} {http:>10,.0f} {raw:>10,.0f} {http / raw:>6.0%}")


@contextmanager
def bench(kind: str, automations: int, mixed: bool) -> Iterator[Bench]:
    """A database with its schema and automations, and everything that works on it."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        app, own = (_app(kind, folder / f"{name}.db", stack) for name in ("line", "raw"))
        key = line_shop.prepare(app, automations, mixed=mixed)
        line_shop.prepare(own, 1)
        url = app.config["DATABASE_URL"]
        environment = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "DATA_FOLDER": str(folder)}
        port = free_port()
        serve = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}"]
        serve += ["--workers", "1", "--threads", "2", "app:create_app()"]
        program = Program(serve, environment, folder / "log", port)
        program.start()
        stack.callback(program.kill)
        program.wait_until_ready()
        client = subprocess.Popen(
            [sys.executable, str(ROOT / "benchmarks" / "line_client.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(client.kill)
        found = Bench(program, None, client, key)  # the raw side copies rows that must exist first
        found.warm_up()
        found.raw = Raw(app, own)
        yield found


def _app(kind: str, file: Path, stack: ExitStack) -> Flask:
    if kind == "sqlite":
        return create_app({"DATABASE_URL": f"sqlite:///{file}", "SECRET_KEY": SECRET})
    made = PostgresDatabases(postgres_url(hurry=False))
    stack.callback(made.drop)
    return create_app({"DATABASE_URL": made.url, "SECRET_KEY": SECRET})


if __name__ == "__main__":
    main()
