"""Measures how long an outage lasts for clients: a database away, and a worker killed or frozen.

    python -m tests.kit.fire.recovery_times

Two web servers and two workers on Postgres, with the default times of the product. Figures are in seconds.
"""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import requests
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.run import SUCCEEDED, UNKNOWN
from tests.kit import shop
from tests.kit.faults.faulty_connection import FaultyLine, Mode, faulty_line
from tests.kit.fire import fire
from tests.kit.fire.fleet import Fleet, fleet, living_workers
from tests.kit.fire.long_fire import new_shop
from tests.kit.live import wait_until
from tests.kit.outside.smtp_sink import SlowSink
from tests.kit.set_up import api_key, use_smtp_server
from tests.world import NOW

OUTAGES: tuple[Mode, ...] = ("refuse", "reset", "blackhole")
#: Seconds for which the database is unavailable.
AWAY = 8.0
ANNA = 1


def main() -> int:
    """Run both measurements, each in a shop of its own."""
    with tempfile.TemporaryDirectory() as folder, new_shop("postgres", Path(folder)) as app:
        _database_away(app, Path(folder))
    for how in (signal.SIGKILL, signal.SIGSTOP):
        with tempfile.TemporaryDirectory() as folder, new_shop("postgres", Path(folder)) as app:
            _worker_gone(app, Path(folder), how)
    return 0


def _database_away(app: Flask, folder: Path) -> None:
    with SlowSink() as smtp, faulty_line(app.config["DATABASE_URL"]) as line:
        smtp.answers = True
        use_smtp_server(app, smtp.port)
        shop.publish_automation("Wrap", "created", actions=[fire.task("wrap")])
        shop.never_held()
        key = api_key("till")
        db.session.rollback()
        with fleet(app, folder, DATABASE_URL=line.url) as programs:
            wait_until(lambda: living_workers() == 2)
            for mode in OUTAGES:
                _one_outage(programs, line, mode, key)


def _one_outage(programs: Fleet, line: FaultyLine, mode: Mode, key: str) -> None:
    over = threading.Event()
    with ThreadPoolExecutor(len(programs.ports) * 2) as clients:
        line.set(mode)
        answers = [clients.submit(_ask_until, over, port, key) for port in programs.ports for _ in range(2)]
        time.sleep(AWAY)
        line.set("open")
        back = time.monotonic()
        served = max(_until(partial(_is_taken, port, key)) for port in programs.ports)
        number = f"after {mode}"
        assert _is_taken(programs.web_port, key, number, "orders")
        wait_until(lambda: _is_done(number))
        done = time.monotonic() - back
        over.set()
        longest = max(answer.result() for answer in answers)
    summary = f"longest answer {longest:.1f}, served again after {served:.1f}, an order done after {done:.1f}"
    print(f"database away ({mode}): {summary}", flush=True)


def _ask_until(over: threading.Event, port: int, key: str) -> float:
    longest = 0.0
    while not over.is_set():
        began = time.monotonic()
        _is_taken(port, key)
        longest = max(longest, time.monotonic() - began)
    return longest


def _worker_gone(app: Flask, folder: Path, how: signal.Signals) -> None:
    shop.publish_automation("Tell", "created")
    shop.never_held()
    with SlowSink() as smtp:
        use_smtp_server(app, smtp.port)
        db.session.rollback()
        with fleet(app, folder) as programs:
            first, second = programs.workers
            wait_until(lambda: living_workers() == 2)
            # Let both work for a while, as they usually would; then the first one is to take the order.
            time.sleep(15)
            second.signal(signal.SIGSTOP)
            shop.place_order("1", customer_id=ANNA, now=NOW.replace(year=2020))
            wait_until(lambda: len(smtp.emails) == 1)
            first.signal(how)
            second.signal(signal.SIGCONT)
            taken = _until(lambda: shop.runs()[0].state == UNKNOWN)
            smtp.answers = True
    print(f"worker gone ({how.name}): its run is taken over after {taken:.1f}")


def _is_done(number: str) -> bool:
    done = (run for run in shop.runs() if run.state == SUCCEEDED)
    return number in {run.evaluation.occurrence.snapshot["number"] for run in done}


def _until(holds: Callable[[], bool]) -> float:
    began = time.monotonic()
    wait_until(holds)
    return time.monotonic() - began


def _is_taken(port: int, key: str, number: str = "C-1", what: str = "customers") -> bool:
    url, headers = f"http://127.0.0.1:{port}/api/{what}", {"Authorization": f"Bearer {key}"}
    answer = requests.post(url, json={"number": number}, headers=headers, timeout=60)
    assert answer.status_code in (200, 201, 503), answer.text
    return answer.status_code != 503


if __name__ == "__main__":
    sys.exit(main())
