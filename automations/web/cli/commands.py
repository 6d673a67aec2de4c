"""The product's own `flask` commands."""

from __future__ import annotations

import datetime as dt
from typing import Any

import click
import sqlalchemy as sa
from flask import Flask, current_app

from automations.models.access import audit, browser_sessions, password_tokens
from automations.models.access.password_hashing import Passwords, new_password
from automations.models.db import schema
from automations.models.db.base import PAUSE, db, is_unavailable, unavailable_reason, write
from automations.models.db.database import end_frozen_transactions
from automations.models.settings import store_edits
from automations.models.settings.choices import add_defaults
from automations.models.settings.email_looks import NEW
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.web.cli import (
    audit_commands,
    data_commands,
    migration_commands,
    privacy_commands,
    rule_commands,
)
from automations.web.cli.doctor import doctor
from automations.web.setup import bootstrap
from automations.web.setup.graceful_shutdown import Stop, told_to_stop
from automations.web.setup.one_core import keep_to_one_core
from automations.web.setup.server import listen
from automations.worker.worker import Worker

DATA = (data_commands.backup, data_commands.restore, data_commands.hold, doctor)
FIRST_SIGN_IN = (
    f"It is valid for {browser_sessions.GIVEN_FOR.days} days and must be changed at the first sign-in."
)
GROUPS = (audit_commands.group, migration_commands.migrations, rule_commands.group)
PRIVACY = (privacy_commands.rotate_key, privacy_commands.erase_customer)


def register(app: Flask) -> None:
    """Add these commands to `flask`."""
    for command in (seed, web, worker, create_store, set_password, *GROUPS, *DATA, *PRIVACY):
        app.cli.add_command(command)


@click.command("seed")
def seed() -> None:
    """Fill an empty database with a sample shop."""
    try:
        bootstrap.fill_sample_shop(current_app)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@click.command("web")
def web() -> None:
    """Serve pages and the API, without a worker, at HOST and PORT until it is told to stop."""
    app: Any = current_app
    server = listen(app._get_current_object())
    keep_to_one_core()
    click.echo(f"Pages and the API are at {server.address}.")
    server.run_until_signalled()


@click.command("worker")
def worker() -> None:
    """Run a worker until it is told to stop. On Postgres, run as many as you like."""
    with told_to_stop() as stop:
        running = _start_once_database_answers(stop)
        if running:
            keep_to_one_core()
            stop.wait()
            running.stop()


def _start_once_database_answers(stop: Stop) -> Worker | None:
    """Wait for the database and return a started worker; None when told to stop first.

    Raises ClickException if the database has the schema of another release.
    """
    app: Any = current_app
    reported = ""
    end_frozen_transactions(db.engine)
    while not stop.wait(PAUSE if reported else 0):
        try:
            problem = schema.problem(db.engine)
            if problem:
                raise click.ClickException(problem)
            running = Worker(app._get_current_object())
            running.start()
            return running
        except sa.exc.DBAPIError as error:
            if not is_unavailable(error):
                raise
            reason = unavailable_reason(error)
            if reason != reported:
                click.echo(f"{reason} The worker starts when it does.", err=True)
            reported = reason
    return None


@click.command("create-store")
@click.argument("name")
@click.argument("email")
def create_store(name: str, email: str) -> None:
    """Create a store with its default lists and its first admin."""
    now, email = dt.datetime.now(dt.UTC), email.lower()
    if "@" not in email:
        raise click.ClickException(f"“{email}” is not an email address. People sign in with one.")
    with write() as session:
        if store_edits.name_taken(session, name):
            raise click.ClickException(f"A store called “{name}” already exists. Choose another name.")
        store = Store(name=name, email_look=dict(NEW), created_at=now)
        session.add(store)
        session.flush()
        add_defaults(session, store)
        user = session.query(User).filter_by(email=email).one_or_none()
        answer = f"{email} already has an account and can now work in “{name}” too, with the same password."
        if user is None:
            password = new_password()
            user = User(email=email, name=email.partition("@")[0], created_at=now)
            user.password_hash, user.password_given_at = _hash(password), now
            session.add(user)
            session.flush()
            answer = f"{email} can sign in with {password}\n{FIRST_SIGN_IN}"
        session.add(Membership(user_id=user.id, store_id=store.id, role="admin"))
        about = f"the store “{name}” and its first admin, by a command"
        audit.note(session, action="made", about=about, store_id=store.id, at=now)
    click.echo(answer)


@click.command("set-password")
@click.argument("email")
def set_password(email: str) -> None:
    """Give a person a new password and print it."""
    password, now = new_password(), dt.datetime.now(dt.UTC)
    with write() as session:
        user = session.query(User).filter_by(email=email.lower()).one_or_none()
        if user is None:
            raise click.ClickException(f"There is no account with the email {email}.")
        password_tokens.void_all(session, user.id, now)
        user.password_hash, user.password_given_at = _hash(password), now
        browser_sessions.end(session, user.id, now)
        audit.note(session, action="was given a new password by a command", about=user.name, user_id=user.id)
    click.echo(f"{email} can sign in with {password}\n{FIRST_SIGN_IN}")


def _hash(password: str) -> str:
    return Passwords(current_app.config["ARGON2"]).hash(password)
