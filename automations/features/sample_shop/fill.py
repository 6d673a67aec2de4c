"""Fills an empty database with a believable flower shop, so that every page has something to show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from itertools import chain, groupby
from random import Random
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.sample_shop import (
    sample_automations,
    sample_customers,
    sample_days,
    sample_events,
    sample_orders,
)
from automations.features.sample_shop.sample_history import DAY, HistoryStep, Shop
from automations.features.sample_shop.sample_names import ACCOUNTS
from automations.features.sample_shop.sample_runs import CHANGES, finish_runs
from automations.models.access import api_authentication, api_keys
from automations.models.access.password_hashing import new_password
from automations.models.db.base import run_in_write
from automations.models.settings.choices import StoreWords, add_defaults
from automations.models.settings.email_looks import NEW
from automations.models.tables.customer import Account
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store
from automations.pipeline.evaluation import evaluate

DAYS = 91
SEED = 1042
#: The team of the first store; its head also has the second one.
TEAM = (
    ("ada@bloom.example", "Ada Quill", "admin"),
    ("rosa@bloom.example", "Rosa Lind", "manager"),
    ("finn@bloom.example", "Finn Ash", "viewer"),
)


class NotEmpty(ValueError):
    """The database has a store already; `str(error)` says what to do."""


class SampleSignIn(NamedTuple):
    """A person who may sign in to the sample shop. The password is kept nowhere else."""

    email: str
    password: str
    role: str


def is_empty(session: Session) -> bool:
    """Return whether the database has no store yet."""
    return session.scalar(sa.select(Store.id).limit(1)) is None


def fill(now: dt.datetime, hasher: Callable[[str], str], seed: int = SEED) -> list[SampleSignIn]:
    """Create two stores and the three months up to `now`, in one transaction; return who may sign in.

    The same `now` and `seed` give the same shop, except for the passwords, which are always new.
    `hasher` hashes the passwords. Raises NotEmpty if there is a store already.
    """
    try:
        return run_in_write(lambda session: _fill(session, now, hasher, Random(seed)))
    except BaseException:
        # The evaluator may have cached automations that were rolled back.
        evaluate.clear_cache()
        raise


def _fill(
    session: Session, now: dt.datetime, hasher: Callable[[str], str], rng: Random
) -> list[SampleSignIn]:
    if not is_empty(session):
        raise NotEmpty("This database already has a store. Use an empty database for the sample shop.")
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - DAYS * DAY
    bloom, thorn = (_add_store(session, name, start) for name in ("Bloom & Wild St", "Thorn & Co"))
    passwords = [new_password() for _ in TEAM]
    people = [
        _add_person(session, bloom, *member, hasher(word), start)
        for member, word in zip(TEAM, passwords, strict=True)
    ]
    session.add(Membership(user_id=people[0].id, store_id=thorn.id, role="admin"))
    _add_key(session, bloom, people[0], start, now)
    _tell(_open(session, bloom, people[1], start), bloom_story(rng, start), now)
    _tell(_open(session, thorn, people[0], start), thorn_story(rng, start), now)
    if session.get_bind().dialect.name == "postgresql":
        # Until Postgres has analysed so many new rows, it plans joins as if the tables were empty.
        session.execute(sa.text("ANALYZE"))
    return [SampleSignIn(email, word, role) for (email, _, role), word in zip(TEAM, passwords, strict=True)]


def bloom_story(rng: Random, start: dt.datetime) -> Iterable[HistoryStep]:
    """Return the steps of the first store from `start` on, unordered; the last ones lie in the future."""
    people = sample_customers.invent(rng, start, 150)
    return chain(
        map(sample_customers.story, people),
        sample_automations.stories(start, DAYS),
        sample_orders.stories(rng, start, DAYS, people),
        sample_events.stories(rng, start, DAYS, people, 60),
        sample_days.stories(start, DAYS),
    )


def thorn_story(rng: Random, start: dt.datetime) -> Iterable[HistoryStep]:
    """Return the steps of the second, much smaller store."""
    people = sample_customers.invent(rng, start, 12)
    first = sample_automations.AutomationMade(start + DAY / 2, sample_automations.LIVE[0])
    orders = sample_orders.stories(rng, start, DAYS, people, share=0.05)
    return chain(map(sample_customers.story, people), [first], orders)


def _tell(shop: Shop, steps: Iterable[HistoryStep], now: dt.datetime) -> None:
    """Take the steps in order, up to `now`, and perform the runs of each day."""
    past = sorted((step for step in steps if step.at <= now), key=lambda step: step.at)
    for _, today in groupby(past, key=lambda step: step.at.date()):
        for step in today:
            step.take(shop)
            if shop.fired:
                # A run that changes a record is performed at once: the log has to be in order of time.
                finish_runs(shop.session, shop.store, shop.words, CHANGES)
                shop.fired = False
        finish_runs(shop.session, shop.store, shop.words)


def _add_store(session: Session, name: str, at: dt.datetime) -> Store:
    sender = f"hello@{name.split(maxsplit=1)[0].lower()}.example"
    look = {**NEW, "address": "4 Quay Steps, Saltmouth", "phone": "01632 960 141"}
    store = Store(name=name, sender_email=sender, email_look=look, created_at=at)
    session.add(store)
    session.flush()
    add_defaults(session, store)
    return store


def _add_person(
    session: Session, store: Store, email: str, name: str, role: str, password_hash: str, at: dt.datetime
) -> User:
    user = User(email=email, name=name, password_hash=password_hash, created_at=at)
    session.add(user)
    session.flush()
    session.add(Membership(user_id=user.id, store_id=store.id, role=role))
    return user


def _add_key(session: Session, store: Store, admin: User, at: dt.datetime, now: dt.datetime) -> None:
    """Add an API key for the till. Nobody knows its secret, so it opens nothing."""
    key, _ = api_keys.create(session, store, "Front desk", "write", admin, at)
    api_authentication.mark_used(session, key.id, now)


def _open(session: Session, store: Store, manager: User, at: dt.datetime) -> Shop:
    accounts = [Account(store_id=store.id, name=name, created_at=at) for name in ACCOUNTS]
    session.add_all(accounts)
    session.flush()
    words = StoreWords(session, store)
    return Shop(session, store, words, manager, {account.name: account.id for account in accounts})
