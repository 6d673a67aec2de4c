"""`flask doctor`: checks the installation and prints a line for each check, with what to do."""

from __future__ import annotations

import datetime as dt
import math
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask, current_app

from automations.engine.wording.formats import BRITISH, count_words
from automations.models.db import backup_sqlite, schema
from automations.models.db.base import db
from automations.models.db.database import sqlite_path, sqlite_warning
from automations.models.health import health_metrics
from automations.models.health.health_metrics import HealthMetrics
from automations.web.cli import doctor_providers

OK, WARN, FAIL = "ok", "warn", "fail"
#: Minimum entropy of a random secret.
ENOUGH_BITS = 128
LITTLE_SPACE, NO_SPACE = 2 * 1024**3, 200 * 1024**2
#: Seconds.
LATE, FAR_TOO_LATE = 60, 600
SILENT = dt.timedelta(minutes=2)
OLD_BACKUP = dt.timedelta(hours=26)
#: Seconds.
CLOCK_OFF = 5.0
Pragmas = dict[str, str | int]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its name, its level (OK, WARN or FAIL), and the finding with what to do about it."""

    name: str
    level: str
    words: str


@click.command("doctor")
@click.option("--offline", is_flag=True, help="Do not connect to mail servers and gateways.")
def doctor(offline: bool) -> None:
    """Check the installation. The exit code is 0 when all is well, 1 with warnings, 2 with failures."""
    app: Any = current_app
    lines = list(examine(app._get_current_object(), dt.datetime.now(dt.UTC), offline))
    for line in lines:
        click.echo(f"{line.level:<4}  {line.name}: {line.words}")
    levels = Counter(line.level for line in lines)
    click.echo(f"\n{levels[OK]} ok, {levels[WARN]} to look at, {levels[FAIL]} wrong")
    sys.exit(2 if levels[FAIL] else 1 if levels[WARN] else 0)


def examine(app: Flask, now: dt.datetime, offline: bool = False) -> Iterator[Finding]:
    """Yield every check. Without a database or with another schema, skip those that need it."""
    yield from _settings(app.config)
    yield _space(Path(app.config["DATA_FOLDER"]))
    try:
        problem = schema.problem(db.engine)
    except sa.exc.SQLAlchemyError:
        yield Finding("database", FAIL, "It cannot be reached. Check DATABASE_URL, and that the server runs.")
        return
    yield from _database()
    yield Finding("schema", FAIL, problem) if problem else Finding("schema", OK, schema.required_revision())
    if problem:
        return
    metrics = health_metrics.measure(db.session(), now)
    db.session.rollback()
    yield from _work(metrics, now)
    if not offline:
        for name, sentence in doctor_providers.ask(db.session(), app, now):
            yield Finding(name, FAIL if sentence else OK, sentence or "it answers")


def entropy_bits(secret: str) -> float:
    """Return an upper bound on the entropy of `secret`, in bits, from its character frequencies."""
    counts = Counter(secret)
    per_character = -sum(n / len(secret) * math.log2(n / len(secret)) for n in counts.values())
    return per_character * len(secret)


def _settings(config: Mapping[str, Any]) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", OK, version)
    for name in ("SECRET_KEY", "METRICS_TOKEN"):
        if config[name] and entropy_bits(config[name]) < ENOUGH_BITS:
            make = "python -c 'import secrets; print(secrets.token_urlsafe(48))'"
            yield Finding(name, FAIL, f"It is easy to guess. Make another with: {make}")
        elif config[name]:
            yield Finding(name, OK, "long and random enough")
    if not config["METRICS_TOKEN"]:
        yield Finding("METRICS_TOKEN", OK, "not set: nobody may read /metrics")
    kept = Path(config["DATA_FOLDER"]) / "secret-key"
    if os.name == "posix" and kept.exists() and kept.stat().st_mode & 0o077:
        yield Finding("kept key", FAIL, f"Others may read it. Run: chmod 600 {kept}")
    if not config["PRODUCTION"]:
        yield Finding("PRODUCTION", WARN, "Off. Set PRODUCTION=1 where real customers are.")


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder if folder.exists() else folder.parent).free
    words = f"{free / 1024**3:.1f} GB free for {folder}"
    if free < NO_SPACE:
        return Finding("disk", FAIL, f"{words}. Make room now: without it no order can be taken.")
    return (
        Finding("disk", WARN, f"{words}. Make room.") if free < LITTLE_SPACE else Finding("disk", OK, words)
    )


def _database() -> Iterator[Finding]:
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            yield from _sqlite(connection)
        else:
            yield from _postgres(connection)


def _sqlite(connection: sa.Connection) -> Iterator[Finding]:
    old = sqlite_warning()
    version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    yield Finding("sqlite", FAIL, old) if old else Finding("sqlite", OK, str(version))
    wanted: Pragmas = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}
    actual = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}
    wrong = [f"{name} is {actual[name]}" for name in wanted if actual[name] != wanted[name]]
    advice = "Is the file on a network drive? It has to be on a disk of this machine."
    yield (
        Finding("pragmas", FAIL, f"{', '.join(wrong)}. {advice}")
        if wrong
        else Finding("pragmas", OK, "as required")
    )
    damage = backup_sqlite.integrity_problem(connection)
    yield (
        Finding("integrity", FAIL, f"{damage}. Restore the last sound backup: flask --app app restore")
        if damage
        else Finding("integrity", OK, "sound")
    )
    path = sqlite_path(str(db.engine.url))
    if path and os.name == "posix" and path.stat().st_mode & 0o077:
        yield Finding("file", WARN, f"Others on this machine may read it. Run: chmod 600 {path}")


def _postgres(connection: sa.Connection) -> Iterator[Finding]:
    number = int(str(connection.exec_driver_sql("SHOW server_version_num").scalar()))
    old = "Postgres 14 or newer is needed: see docs/operations.md."
    yield Finding(
        "postgres", OK if number >= 140000 else FAIL, f"{number // 10000}" if number >= 140000 else old
    )
    unsafe = [
        name
        for name in ("fsync", "full_page_writes", "synchronous_commit")
        if connection.exec_driver_sql(f"SHOW {name}").scalar() == "off"
    ]
    words = f"{', '.join(unsafe)} is off: a power cut would lose orders. Switch it on in postgresql.conf."
    yield (
        Finding("durability", FAIL, words)
        if unsafe
        else Finding("durability", OK, "every commit is on the disk")
    )
    database_time = connection.scalar(sa.select(sa.func.clock_timestamp()))
    off = abs((database_time - dt.datetime.now(dt.UTC)).total_seconds()) if database_time else 0.0
    wrong = f"This machine and the database differ by {off:.0f} s. Run a time service (NTP) on both."
    yield Finding(
        "clock", FAIL if off > CLOCK_OFF else OK, wrong if off > CLOCK_OFF else "as the database's clock"
    )


def _work(metrics: HealthMetrics, now: dt.datetime) -> Iterator[Finding]:
    relay = metrics.beats.get("relay")
    start = "Start one: flask --app app worker, or python app.py"
    if relay is None or now - relay.at > SILENT:
        finding = f"None has run since {relay.at:%Y-%m-%d %H:%M} UTC." if relay else "None has ever run."
        yield Finding("worker", FAIL, f"{finding} {start}")
    elif relay.at - now > SILENT:
        yield Finding("worker", FAIL, "It last worked in the future: this machine's clock is wrong.")
    else:
        yield Finding("worker", OK, f"at work {max(0, (now - relay.at).total_seconds()):.0f} s ago")
    age = metrics.age_of_queue(now)
    words = f"{count_words(metrics.due, 'actions', BRITISH)} due, the oldest for {age:.0f} s"
    level = FAIL if age > FAR_TOO_LATE else WARN if age > LATE else OK
    yield Finding("queue", level, words if level == OK else f"{words}. Is a worker running? Add one.")
    unknown = metrics.runs.get("unknown", 0)
    unsure = count_words(unknown, "actions", BRITISH)
    yield (
        Finding("unknown", WARN, f"{unsure} may or may not have arrived. Decide under /needs-you.")
        if unknown
        else Finding("unknown", OK, "none")
    )
    if metrics.stores_on_hold:
        stores = count_words(metrics.stores_on_hold, "stores", BRITISH)
        yield Finding("hold", WARN, f"{stores} on hold. An admin decides under /hold.")
    backup = metrics.beats.get("backup")
    if backup is None or now - backup.at > OLD_BACKUP:
        last = f"The last is from {backup.at:%Y-%m-%d %H:%M} UTC" if backup else "There is none"
        yield Finding("backup", WARN, f"{last}. Make one every night: flask --app app backup --keep 14")
    else:
        yield Finding("backup", OK, f"{backup.at:%Y-%m-%d %H:%M} UTC")
