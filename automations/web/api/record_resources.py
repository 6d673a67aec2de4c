"""Read and write orders, events and customers as JSON: the same five endpoints for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, g, url_for

from automations.engine.rules.rule_check import Problem
from automations.models.db.base import db
from automations.pipeline.intake import reading, representation
from automations.pipeline.intake.reading import IntakeRefused, Item, ReadItem
from automations.pipeline.intake.sent_back import Known, forgiving
from automations.pipeline.intake.vocabulary_cache import reader_of, remembered_reader
from automations.web.api import api_requests
from automations.web.api.api_blueprint import SUBJECTS, bp
from automations.web.api.current_key import confirming_key
from automations.web.api.problem_details import answer, refuse
from automations.web.api.record_writing import say_many, say_one, write

KIND = f"<any({', '.join(SUBJECTS)}):plural>"


@bp.get(f"/{KIND}")
def index(plural: str) -> Response:
    """Return a page of records, oldest first."""
    after, limit = api_requests.page()
    records = representation.page(db.session(), g.store, SUBJECTS[plural], after, limit + 1)
    items, more = records[:limit], len(records) > limit
    following = url_for("api.index", plural=plural, after=items[-1]["id"], limit=limit) if more else None
    return answer({"items": items, "next": following})


@bp.get(f"/{KIND}/<path:number>")
def show(plural: str, number: str) -> Response:
    """Return one record by its number."""
    subject = SUBJECTS[plural]
    record = representation.find(db.session(), g.store, subject, number)
    if record is None:
        refuse(404, "Not found", f"This store has no such {subject}.")
    return answer({"record": record})


@bp.post(f"/{KIND}")
@confirming_key
def create(plural: str) -> Response:
    """Create a record, or update the one that has this number."""
    subject = SUBJECTS[plural]
    read = forgiving(_reader_of_new(subject), _known(subject))
    item = api_requests.read(lambda body: reading.read_one(body, read))
    return write(subject, [item], say_one(subject), api_requests.once())


@bp.post(f"/{KIND}/batch")
@confirming_key
def create_many(plural: str) -> Response:
    """Create or update a list of records: all of them or none."""
    subject = SUBJECTS[plural]
    read = forgiving(_reader_of_new(subject), _known(subject))
    items = api_requests.read(lambda body: reading.read_many(body, subject, read))
    return write(subject, items, say_many, api_requests.once())


@bp.patch(f"/{KIND}/<path:number>")
@confirming_key
def update(plural: str, number: str) -> Response:
    """Change the given fields of a record that exists."""
    subject = SUBJECTS[plural]
    read = forgiving(_reader(subject), _known(subject), number)
    item = api_requests.read(_of_number(read, number))
    return write(subject, [item], say_one(subject), api_requests.once(), existing=number)


def _reader(subject: str) -> ReadItem:
    # Most requests are written by another's thread: a session of their own would be made for nothing.
    return remembered_reader(db.engine, g.store, subject) or reader_of(db.session(), g.store, subject)


def _known(subject: str) -> Known:
    return lambda number: representation.find(db.session(), g.store, subject, number)


def _reader_of_new(subject: str) -> ReadItem:
    return reading.requiring_identity(_reader(subject)) if subject == "customer" else _reader(subject)


def _of_number(read: ReadItem, number: str) -> Callable[[bytes], Item]:
    """Return a reader of changes to the record `number`; the body may repeat the number, not change it."""

    def work(body: bytes) -> Any:
        item = reading.read_one(body, read)
        if item.number not in (None, number):
            raise IntakeRefused([Problem("number", f"Cannot be changed. Leave it out, or send “{number}”.")])
        item.number = number
        return item

    return work
