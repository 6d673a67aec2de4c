"""What the program writes about itself names nobody."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.models import bulk
from automations.models.base import db, write
from automations.models.customer import Customer
from automations.models.database import workflow_engine
from automations.pipeline.effects_registry import EFFECTS
from automations.web.logs import Json, Text, without_people
from tests.kit.hostile_lines import CANARIES, EMAIL, NAME, PHONE, TOKEN
from tests.kit.shop import place_order, publish_automation
from tests.kit.steps import work
from tests.world import NOW

FORMATS = (Text, Json)


class Written(logging.Handler):
    """Keeps what is logged as both formats would write it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines += [kind().format(record) for kind in FORMATS]


@pytest.fixture
def written() -> Written:
    handler = Written()
    root = logging.getLogger()
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)


def quiet_about_people(written: Written) -> None:
    assert written.lines, "something was logged at all"
    text = "\n".join(written.lines)
    assert [canary for canary in CANARIES if canary in text] == []


def customer(id: int) -> dict[str, object]:
    row = {column.name: None for column in Customer.__table__.columns}
    told = {"first_name": NAME, "last_name": NAME, "email": EMAIL, "phone": PHONE, "number": TOKEN}
    whole = {"id": id, "store_id": 1, "created_at": NOW, "updated_at": NOW, "tags": [], "note": TOKEN}
    return row | told | whole


def _twice() -> None:
    with write() as session:
        bulk.insert(session, Customer.__table__, [customer(901), customer(901)])


def _by_the_orm() -> None:
    with write() as session:
        session.execute(sa.insert(Customer), [customer(902), customer(902)])


def _in_words() -> None:
    raise ValueError(f"cannot read {NAME} <{EMAIL}> {PHONE} {TOKEN}")


@pytest.mark.parametrize("fails", [_twice, _by_the_orm, _in_words])
def test_an_exception_is_logged_without_the_row_it_speaks_of(
    app: Flask, written: Written, fails: Callable[[], None]
) -> None:
    try:
        fails()
    except Exception as error:
        logging.getLogger("automations.test").exception("It broke.")
        logging.getLogger("dbos").warning("Exception in a thread: %s", error)
    quiet_about_people(written)
    assert any("test_logs.py" in line for line in written.lines), "where it broke is told"


def test_an_error_of_any_engine_quotes_no_parameter(app: Flask) -> None:
    ours, of_workflows = db.engine, workflow_engine(app.config["DATABASE_URL"], threading.Event())
    try:
        for engine in (ours, of_workflows):
            with pytest.raises(sa.exc.DBAPIError) as raised, engine.connect() as connection:
                connection.execute(sa.text("SELECT * FROM nothing WHERE name = :name"), {"name": NAME})
            assert "SELECT * FROM nothing" in str(raised.value)
            assert "hidden due to hide_parameters" in str(raised.value)
            assert NAME not in str(raised.value)
    finally:
        of_workflows.dispose()


def test_a_page_that_breaks_names_its_error_and_nobody(
    app: Flask, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> None:
        raise ValueError(f"{NAME} {EMAIL}")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.view_functions, "sign_ins.new", breaks)
    answer = app.test_client().get("/sign-in", query_string={"q": NAME}, headers={"Authorization": TOKEN})
    assert answer.status_code == 500
    assert EMAIL not in answer.text
    quiet_about_people(written)
    assert any("ValueError" in line for line in written.lines)


def test_an_effect_that_breaks_names_its_run_and_nobody(
    app: Flask, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> str:
        raise KeyError(f"{NAME} {PHONE}")

    monkeypatch.setattr(EFFECTS["create_task"], "apply", breaks)
    settings = {"title": "Call {{ customer.first_name }}", "assignee": "manager", "priority": "normal"}
    publish_automation("Call", "created", actions=[{"kind": "create_task", "settings": settings}])
    place_order("1", customer_id=1)
    work(app)
    quiet_about_people(written)


def test_a_line_of_json_can_be_read_by_a_program() -> None:
    try:
        _in_words()
    except ValueError:
        record = _record("Run %s of %s", 7, EMAIL)
    told = json.loads(Json().format(record))
    assert told["message"] == "Run 7 of [email]"
    assert told["error"] == ["builtins.ValueError"]
    assert told["level"] == "ERROR"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"to {EMAIL}, again", "to [email], again"),
        (f"call {PHONE} now", "call [number] now"),
        (f"key {TOKEN}.", "key [token]"),
        ("Failed: /activity.csv?number=Wilhelmina+Okonkwo again", "Failed: /activity.csv?[query] again"),
        (
            "at https://sms.example:8443/send?to=Wilhelmina#x, again",
            "at https://sms.example:8443/[address] again",
        ),
        ("GET /wilhelmina%40canary.example", "GET /[email]"),
        (
            "Invalid request from ip=::1: Invalid HTTP Header: 'Cookie: Wilhelmina'",
            "Invalid request from ip=::1: Invalid HTTP Header",
        ),
        ("Authorization: Bearer abc.def", "Authorization: [token]"),
        ("GET /unsubscribe/eyJhIjoxfQabcDEF123abcDEF123.sig-1234", "GET /unsubscribe/[token]"),
        ("2026-11-22 run 4711 on port 5432", "2026-11-22 run 4711 on port 5432"),
        ("workflow 0f8fad5b-d9cd-469f-a165-70867728950e", "workflow 0f8fad5b-d9cd-469f-a165-70867728950e"),
    ],
)
def test_what_is_personal_is_taken_out_and_what_is_not_stays(text: str, left: str) -> None:
    assert without_people(text) == left


def test_a_database_out_of_reach_is_told_in_its_own_words() -> None:
    try:
        sa.create_engine("sqlite:////nowhere/at/all.db").connect()
    except sa.exc.OperationalError:
        told = Text().format(_record("Away."))
    assert "unable to open database file" in told


def _record(message: str, *args: object) -> logging.LogRecord:
    stream = logging.StreamHandler(io.StringIO())
    kept: list[logging.LogRecord] = []
    stream.emit = kept.append
    logger = logging.Logger("automations.test")
    logger.addHandler(stream)
    logger.exception(message, *args)
    return kept[0]
