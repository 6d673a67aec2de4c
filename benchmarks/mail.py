"""A campaign to a real mail server, as a share of a plain loop that writes a row for each message.

    python benchmarks/mail.py [--customers 20000] [--database sqlite|postgres|both] [--plain 2000]

The mail server is a process of its own. The campaign is done by one worker: it chooses the customers, writes
an occurrence, an evaluation and a run for each, renders the message with its unsubscribe link, has the
attempt on the disk before the message leaves, and its outcome and the message afterwards. The plain loop
takes texts that are ready, sends them with smtplib over one connection, and commits one row of the table of
messages after each. It goes before and after the campaign, with the database settings of the product.
Counted is from the start of the campaign to its last message. Prints the worker's memory as the campaign
goes on and a table; the last line is one JSON object, whose `share` is the smallest of the databases.
"""

from __future__ import annotations

import argparse
import json
import os
import smtplib
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa
from flask import Flask

from app import create_app
from automations.models.db.base import db
from automations.models.tables.run import FINAL, SUCCEEDED, Run
from benchmarks import mail_shop
from benchmarks.line_sides import SECRET, cpu_of, database_url
from tests.kit.fire.programs import Program

SITE = "https://bloom.example"
#: Seconds after which a campaign is given up.
PATIENCE = 900.0
LOOK_EVERY = 0.25


class MailServer:
    """The mail server, and what it counted."""

    def __init__(self) -> None:
        program = [sys.executable, str(ROOT / "benchmarks" / "mail_server.py")]
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._line())

    def report(self) -> dict[str, Any]:
        """Return what came since the last report."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self._line())
        return told

    def close(self) -> None:
        """Stop it."""
        self.process.kill()
        self.process.communicate()

    def _line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline()


@dataclass
class Memory:
    """The memory of a process in MB, looked at again and again in a thread of its own."""

    pid: int
    seen: list[float] = field(default_factory=list)

    @contextmanager
    def watched(self) -> Iterator[None]:
        over = threading.Event()
        thread = threading.Thread(target=self._watch, args=(over,), daemon=True)
        thread.start()
        yield
        over.set()
        thread.join()

    def at(self, share: float) -> float:
        """Return what it was when this share of the time had passed."""
        return self.seen[min(len(self.seen) - 1, int(share * len(self.seen)))]

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(LOOK_EVERY):
            status = Path(f"/proc/{self.pid}/status").read_text()
            self.seen.append(int(status.partition("VmRSS:")[2].split()[0]) / 1024)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--customers", type=int, default=20_000)
    options.add_argument("--plain", type=int, default=2000, help="messages of each turn of the plain loop")
    options.add_argument("--database", choices=("sqlite", "postgres", "both"), default="both")
    given = options.parse_args()
    databases = ("sqlite", "postgres") if given.database == "both" else (given.database,)
    rows = {kind: measure(kind, given.customers, given.plain) for kind in databases}
    print(json.dumps({"share": min(row["share"] for row in rows.values()), "rows": rows}))


def measure(kind: str, customers: int, plain: int) -> dict[str, Any]:
    """Print the table of one database; return its figures."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder, server = Path(temporary), MailServer()
        stack.callback(server.close)
        url = database_url(kind, folder / "mail.db", stack)
        app = create_app({"DATABASE_URL": url, "SECRET_KEY": SECRET, "DATA_FOLDER": temporary})
        campaign_id = mail_shop.prepare(app, customers, server.port)
        before = plain_loop(app, server, plain)
        row = campaign(app, server, campaign_id, customers, folder)
        after = plain_loop(app, server, plain)
    row["plain_per_second"] = (before + after) / 2
    row["share"] = row["per_second"] / row["plain_per_second"]
    _print_table(kind, customers, row, before, after)
    return {name: round(value, 3) for name, value in row.items()}


def plain_loop(app: Flask, server: MailServer, count: int) -> float:
    """Send messages over one connection, a committed row after each; return messages a second."""
    texts = [_email(place) for place in range(count)]
    with app.app_context():
        pooled = db.engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        sqlite = db.engine.dialect.name == "sqlite"
    rows = [_row(email) for email in texts]
    marks = ", ".join(("?" if sqlite else "%s",) * len(rows[0]))
    names = ", ".join(f'"{name}"' for name in rows[0])
    statement = f"INSERT INTO message ({names}) VALUES ({marks})"
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", server.port, local_hostname="localhost") as session:
        for email, row in zip(texts, rows, strict=True):
            session.send_message(email)
            if sqlite:
                connection.execute("BEGIN IMMEDIATE")
            connection.execute(statement, list(row.values()))
            connection.execute("COMMIT") if sqlite else connection.commit()
    rate = count / (time.perf_counter() - began)
    pooled.close()
    assert server.report()["different"] == count
    return rate


def campaign(
    app: Flask, server: MailServer, campaign_id: int, customers: int, folder: Path
) -> dict[str, Any]:
    """Let one worker do the campaign; return its figures."""
    environment = {"DATABASE_URL": app.config["DATABASE_URL"], "SECRET_KEY": SECRET}
    environment |= {"DATA_FOLDER": str(folder), "PUBLIC_URL": SITE}
    worker = Program(["-m", "flask", "--app", "app", "worker"], environment, folder / "worker.log")
    worker.start()
    assert worker.process
    try:
        time.sleep(5)  # until it is at work
        memory, used = Memory(worker.process.pid), cpu_of(worker.process.pid)
        with memory.watched():
            mail_shop.start(app, campaign_id)
            began = time.time()
            _wait_until_done(app, customers)
        used = cpu_of(worker.process.pid) - used
    finally:
        worker.stop()
    came = server.report()
    assert came["emails"] == came["different"] == customers, came
    return {
        "per_second": customers / (came["last_at"] - began),
        "seconds": came["last_at"] - began,
        "until_first": came["first_at"] - began,
        "connections": came["connections"],
        "cpu_ms": used * 1000 / customers,
        "mb_at_start": memory.at(0),
        "mb_at_quarter": memory.at(0.25),
        "mb_at_half": memory.at(0.5),
        "mb_at_end": memory.at(1),
        "mb_peak": max(memory.seen),
    }


def _wait_until_done(app: Flask, customers: int) -> None:
    ends = time.monotonic() + PATIENCE
    with app.app_context():
        while time.monotonic() < ends:
            done = dict(db.session.execute(sa.select(Run.state, sa.func.count()).group_by(Run.state)).all())
            db.session.rollback()
            if sum(done.get(state, 0) for state in FINAL) >= customers:
                assert done == {SUCCEEDED: customers}, done
                return
            time.sleep(1)
    raise SystemExit(f"The campaign was not done in {PATIENCE:.0f} seconds.")


def _email(place: int) -> EmailMessage:
    email = EmailMessage()
    email["From"], email["To"] = "us@bloom.example", f"mia{place}@bench.example"
    email["Subject"], email["Message-ID"] = f"Peonies, Mia {place}", f"<plain-{place}@bloom.example>"
    name = mail_shop.MESSAGE["message"].replace("{{ customer.first_name }}", f"Mia {place}")
    email.set_content(
        f"{name}--\nYou agreed to hear from us. To stop it: {SITE}/unsubscribe/{'x' * 60}{place}"
    )
    return email


def _row(email: EmailMessage) -> dict[str, Any]:
    row: dict[str, Any] = {"store_id": 1, "part": 0, "channel": "email", "connector": "smtp"}
    row |= {"to": email["To"], "to_name": "", "sender": email["From"], "subject": email["Subject"]}
    return row | {
        "body": email.get_content(),
        "provider_id": email["Message-ID"],
        "at": mail_shop.NOW.isoformat(),
    }


def _print_table(kind: str, customers: int, row: dict[str, Any], before: float, after: float) -> None:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{kind}: a campaign to {customers:,} customers, load average {load}")
    print(f"{'campaign':>10}{'plain loop':>20}{'share':>8}{'CPU':>9}{'first':>8}{'connections':>13}", end="")
    print(f"{'MB at 0':>10}{'25 %':>7}{'50 %':>7}{'100 %':>7}{'peak':>7}")
    print(f"{row['per_second']:>8,.0f}/s{before:>11,.0f} {after:>6,.0f}/s{row['share']:>8.0%}", end="")
    print(f"{row['cpu_ms']:>6.2f} ms{row['until_first']:>6.1f} s{row['connections']:>13,}", end="")
    names = ("mb_at_start", "mb_at_quarter", "mb_at_half", "mb_at_end", "mb_peak")
    print(f"{row[names[0]]:>10.0f}" + "".join(f"{row[name]:>7.0f}" for name in names[1:]), flush=True)


if __name__ == "__main__":
    main()
