"""What more stores, web processes, workers and connections do on Postgres, with an API that takes its time.

    python benchmarks/scale.py [--stores 1] [--web 1] [--workers 1,2,4] [--connections 16] [--hosts 20,1]
                               [--latency 200] [--orders 1000] [--rate 20] [--at-once 10,40]
                               [--per-worker 0]

For each number of hosts (with its limit of requests at the same time) and of workers, on a database of its
own: the orders come in over HTTP while no worker runs, which gives the orders a second; the workers are
started and do all of them, which gives the actions a second, between the first tenth and the last; then
orders come at an even rate, which gives the time from an order to its request. CPU is that of each process,
in milliseconds for an order (web) or an action (worker). With --per-worker each worker does only so many
workflows at once: so a machine with few cores shows what workers do beside each other, not how they share
its cores. Without it, it is the product as it is, for a machine with many. Prints a table; the last line is
one JSON object: the rows, and how many times as much so many workers do as the first number of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from app import create_app
from benchmarks import scale_shop
from benchmarks.line_sides import SECRET, cpu_of, database_url
from tests.kit.fire.fleet import WEB, WORKER, Member
from tests.kit.fire.incubator import incubator
from tests.kit.fire.programs import free_port
from tests.kit.outside.outside import allowing

#: Seconds from which a pace counts, so that all programs are at work.
WARM_UP = 3.0
#: Seconds of the even pace.
EVEN = 12.0


class Load:
    """The sender and sink, a process of its own."""

    def __init__(self, latency: float) -> None:
        program = [sys.executable, str(ROOT / "benchmarks" / "scale_load.py"), str(latency)]
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.sink = int(self._line())

    def run(self, **job: Any) -> dict[str, float]:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(job) + "\n")
        self.process.stdin.flush()
        found: dict[str, float] = json.loads(self._line())
        return found

    def close(self) -> None:
        """Stop it."""
        self.process.kill()
        self.process.communicate()

    def _line(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("The sender has ended; what it wrote to standard error says why.")
        return line


@dataclass(frozen=True)
class Set:
    """What runs beside each other."""

    hosts: int
    at_once: int
    workers: int


def main() -> None:
    given = _options().parse_args()
    print(f"{os.cpu_count()} processors; {given.stores} stores, {given.web} web processes,", end=" ")
    print(f"{given.connections} connections, an API that takes {given.latency} ms", flush=True)
    print(f"{'hosts':>5}{'at once':>8}{'workers':>8}{'orders/s':>10}{'actions/s':>10}{'times':>7}", end="")
    print(f"{'p50 ms':>9}{'p95 ms':>8}{'CPU web':>9}  each worker, in ms{'load':>8}", flush=True)
    rows: list[dict[str, Any]] = []
    for hosts, at_once in zip(given.hosts, given.at_once, strict=True):
        first = 0.0
        for workers in given.workers:
            row = measure(given, Set(hosts, at_once, workers))
            first = first or row["actions_per_second"]
            row["times"] = round(row["actions_per_second"] / first, 2)
            rows.append(row)
            _print_row(row)
    times = {f"{row['hosts']} hosts, {row['workers']} workers": row["times"] for row in rows}
    print(json.dumps({"times": times, "rows": rows}))


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--stores", type=int, default=1)
    options.add_argument("--web", type=int, default=1)
    options.add_argument("--workers", type=_numbers, default=(1, 2, 4))
    options.add_argument("--connections", type=int, default=16)
    options.add_argument("--latency", type=int, default=200, help="ms until the API answers")
    options.add_argument("--hosts", type=_numbers, default=(20, 1))
    options.add_argument("--at-once", type=_numbers, default=(10, 40), help="the limit, for each of --hosts")
    options.add_argument("--orders", type=int, default=1000)
    options.add_argument("--rate", type=float, default=20, help="orders a second at the even pace")
    options.add_argument("--per-worker", type=int, default=0, help="workflows of a worker at once")
    return options


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def measure(given: argparse.Namespace, what: Set) -> dict[str, Any]:
    """Return the row of one set."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder = Path(temporary)
        load = Load(given.latency / 1000)
        stack.callback(load.close)
        url = database_url("postgres", folder, stack)
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": SECRET, "DATA_FOLDER": temporary})
        stack.enter_context(allowing("127.0.0.0/8"))
        keys = scale_shop.prepare(app, given.stores, what.hosts, load.sink, what.at_once)
        web, workers = _programs(url, folder, given, what.workers)
        for member in (*web, *workers):
            stack.callback(member.kill)
        _start(web)
        targets = [[port.port, key] for key in keys for port in web]
        job = {"do": "post", "targets": targets, "hosts": what.hosts, "connections": given.connections}
        came = load.run(**job, prefix="w", count=4 * len(targets), rate=0)
        before = _cpu(web)
        came = load.run(**job, prefix="b", count=given.orders, rate=0)
        web_cpu = [used * 1000 / given.orders for used in _since(web, before)]
        _start(workers)
        before = _cpu(workers)
        done = load.run(do="await")
        worker_cpu = [used * 1000 / done["arrived"] for used in _since(workers, before)]
        load.run(**job, prefix="u", count=int(WARM_UP * given.rate), rate=given.rate)
        load.run(do="await")
        load.run(**job, prefix="e", count=int(EVEN * given.rate), rate=given.rate)
        even = load.run(do="await")
    row = {"hosts": what.hosts, "at_once": what.at_once, "workers": what.workers, "stores": given.stores}
    row |= {"orders_per_second": round(came["orders_per_second"], 1), "web_cpu_ms": _rounded(web_cpu)}
    row |= {"actions_per_second": round(done["actions_per_second"], 1), "worker_cpu_ms": _rounded(worker_cpu)}
    row |= {"p50_ms": round(even["p50_ms"]), "p95_ms": round(even["p95_ms"])}
    lost = sum(int(one["sent"] - one["arrived"]) for one in (done, even))
    return row | {"lost": lost, "twice": int(done["twice"] + even["twice"])}


def _programs(
    url: str, folder: Path, given: argparse.Namespace, workers: int
) -> tuple[list[Member], list[Member]]:
    common = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "DATA_FOLDER": str(folder)}
    common |= {"ALLOWED_PRIVATE_HOSTS": "127.0.0.0/8"}
    room = {"automations.worker.worker:CONCURRENCY": {"postgresql": given.per_worker}}
    patches = room if given.per_worker else {}
    web = []
    for place in range(given.web):
        port = free_port()
        words = common | {"PORT": str(port)}
        member = Member(incubator(), WEB, words, folder / f"web-{place}.log", port)
        web.append(member)
    logs = [folder / f"worker-{place}.log" for place in range(workers)]
    return web, [Member(incubator(), WORKER, common, log, patches=patches) for log in logs]


def _start(members: Sequence[Member]) -> None:
    for member in members:
        member.start()
    for member in members:
        member.wait_until_ready()


def _cpu(members: Sequence[Member]) -> list[float]:
    return [cpu_of(member.pid) for member in members]


def _since(members: Sequence[Member], before: Sequence[float]) -> list[float]:
    return [now - then for now, then in zip(_cpu(members), before, strict=True)]


def _rounded(values: Sequence[float]) -> list[float]:
    return [round(value, 2) for value in values]


def _print_row(row: dict[str, Any]) -> None:
    print(
        f"{row['hosts']:>5}{row['at_once']:>8}{row['workers']:>8}{row['orders_per_second']:>10,.0f}", end=""
    )
    print(f"{row['actions_per_second']:>10,.0f}{row['times']:>7.2f}", end="")
    print(f"{row['p50_ms']:>9,}{row['p95_ms']:>8,}", end="")
    web, workers = (" ".join(f"{one:.2f}" for one in row[name]) for name in ("web_cpu_ms", "worker_cpu_ms"))
    print(f"{web:>9}  {workers:<18}{os.getloadavg()[0]:>8.1f}", flush=True)


if __name__ == "__main__":
    main()
