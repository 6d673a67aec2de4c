"""The product under an even load for hours: what grows?

    python benchmarks/soak.py [--minutes 120] [--database sqlite|postgres] [--events 5]

Orders come in one by one over HTTP at an even pace, one in ten sends an email through a real mail server, and
one page a second is looked at. Every minute it prints memory and open files of all processes, the size of the
write-ahead log, the queue and its age, and orders and pages that were refused; at the end what grew between
the second quarter and the last. On SQLite the product is one process, on Postgres a web server and a worker.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import requests
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from automations.models.access.password_hashing import Passwords
from automations.models.db.base import write
from automations.models.tables.people import User
from benchmarks import line_shop
from tests.kit.databases import PostgresDatabases, postgres_url
from tests.kit.fire.fleet import WEB, WORKER
from tests.kit.fire.programs import Program, free_port
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.set_up import use_smtp_server

SECRET = "only-for-the-benchmark-" * 2
PASSWORD = "petals for hours on end"
PAGES = ("/", "/orders", "/activity", "/automations", "/needs-you", "/automations/1/upcoming", "/mailbox")
EVERY = 60.0
HEAD = ("minute", "orders", "emails", "refused", "MB", "files", "WAL kB", "db MB", "queue", "age s")


@dataclass
class Load:
    """Orders and pages at an even pace, from threads of their own."""

    address: str
    key: str
    per_second: float
    over: threading.Event = field(default_factory=threading.Event)
    orders: int = 0
    refused: int = 0

    def start(self) -> None:
        """Begin; `over` ends it."""
        for work, pace in ((self._order, 1 / self.per_second), (self._page, 1.0)):
            threading.Thread(target=self._evenly, args=(work, pace), daemon=True).start()

    def _evenly(self, work: Callable[[requests.Session], None], pace: float) -> None:
        due = time.monotonic()
        with requests.Session() as session:
            while not self.over.wait(max(0.0, due - time.monotonic())):
                due += pace
                try:
                    work(session)
                except requests.RequestException:
                    self.refused += 1

    def _order(self, session: requests.Session) -> None:
        body = line_shop.body(self.orders, 1, "S")
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        headers["Idempotency-Key"] = f"soak-{self.orders}"
        answer = session.post(f"{self.address}/api/orders", data=body, headers=headers, timeout=30)
        self.orders += answer.ok
        self.refused += not answer.ok

    def _page(self, session: requests.Session) -> None:
        page = PAGES[int(time.monotonic()) % len(PAGES)]
        answer = session.get(f"{self.address}{page}", timeout=30)
        if "/sign-in" in answer.url:
            token = answer.text.partition('name="csrf_token" value="')[2].partition('"')[0]
            form = {"csrf_token": token, "email": "ada@bench.example", "password": PASSWORD}
            referer = {"Referer": answer.url}
            answer = session.post(f"{self.address}/sign-in", data=form, headers=referer, timeout=30)
        self.refused += not answer.ok


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=float, default=120)
    options.add_argument("--events", type=float, default=5, help="orders a second")
    options.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    given = options.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        SmtpSink() as smtp,
        running(given.database, Path(folder), smtp.port) as (programs, key),
    ):
        port = next(program.port for program in programs if program.port)
        load = Load(f"http://127.0.0.1:{port}", key, given.events)
        load.start()
        rows = list(watch(load, smtp, programs, given.minutes))
        load.over.set()
        print(f"exit codes after SIGTERM: {[program.stop() for program in programs]}")
    print_growth(rows)


@contextmanager
def running(kind: str, folder: Path, smtp_port: int) -> Iterator[tuple[list[Program], str]]:
    """The programs of a shop on a database of its own, and a key of its API."""
    databases = PostgresDatabases(postgres_url(hurry=False)) if kind == "postgres" else None
    url = databases.url if databases else f"sqlite:///{folder / 'store.db'}"
    key = prepare(create_app({"DATABASE_URL": url, "SECRET_KEY": SECRET}), smtp_port)
    port = free_port()
    environment = {"DATABASE_URL": url, "SECRET_KEY": SECRET, "METRICS_TOKEN": SECRET}
    environment |= {"DATA_FOLDER": str(folder), "PORT": str(port), "LOG_FORMAT": "json"}
    words = [(WEB, port), (WORKER, None)] if databases else [(["app.py"], port)]
    programs = [
        Program(one, environment, folder / f"{place}.log", at) for place, (one, at) in enumerate(words)
    ]
    try:
        for program in programs:
            program.start()
            program.wait_until_ready()
        yield programs, key
    finally:
        for program in programs:
            print(program.log.read_text()[-2000:], end="")
            program.kill()
        if databases:
            databases.drop()


def prepare(app: Flask, smtp_port: int) -> str:
    """A store with a hundred automations, an admin and a mail server; the secret of its key."""
    key = line_shop.prepare(app, 100)
    with app.app_context():
        use_smtp_server(app, smtp_port, "Bench & Bloom")
        with write() as session:
            ada = session.query(User).one()
            ada.password_hash = Passwords(app.config["ARGON2"]).hash(PASSWORD)
    return key


def watch(load: Load, smtp: SmtpSink, programs: list[Program], minutes: float) -> Iterator[dict[str, float]]:
    """One row a minute, printed as it is made."""
    print("  ".join(f"{name:>8}" for name in HEAD), flush=True)
    began = time.monotonic()
    while (passed := time.monotonic() - began) < minutes * 60:
        time.sleep(min(EVERY, minutes * 60 - passed))
        told = metrics(load.address)
        pids = [pid for program in programs for pid in family(program.process.pid if program.process else 0)]
        row = {"minute": (time.monotonic() - began) / 60, "orders": load.orders, "emails": len(smtp.emails)}
        row |= {"refused": load.refused, "MB": sum(map(memory, pids)), "files": sum(map(files, pids))}
        row |= {"WAL kB": told.get("wal_bytes", 0) / 1000, "db MB": told.get("database_bytes", 0) / 1e6}
        row |= {"queue": told.get("queue_runs", -1), "age s": told.get("queue_age_seconds", -1)}
        print("  ".join(f"{row[name]:8.1f}" for name in HEAD), flush=True)
        yield row


def metrics(address: str) -> dict[str, float]:
    """The product's own numbers, by name."""
    try:
        answer = requests.get(f"{address}/metrics", headers={"Authorization": f"Bearer {SECRET}"}, timeout=30)
    except requests.RequestException:
        return {}
    families = text_string_to_metric_families(answer.text if answer.ok else "")
    samples = [sample for family in families for sample in family.samples]
    return {sample.name.removeprefix("store_automations_"): sample.value for sample in samples}


def family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    return found


def memory(pid: int) -> float:
    """Megabytes that a process holds."""
    with suppress(OSError):
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1000
    return 0.0


def files(pid: int) -> int:
    """Descriptors that a process has open."""
    with suppress(OSError):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    return 0


def print_growth(rows: list[dict[str, float]]) -> None:
    """The middle of the last quarter against that of the second."""
    quarter = max(1, len(rows) // 4)
    parts = (rows[quarter : 2 * quarter] or rows, rows[-quarter:])
    print(f"\n{'':>8}  {'then':>8}  {'now':>8}")
    for name in ("MB", "files", "WAL kB", "queue", "age s"):
        then, now = (statistics.median(row[name] for row in part) for part in parts)
        print(f"{name:>8}  {then:8.1f}  {now:8.1f}")


if __name__ == "__main__":
    main()
