"""The log holds no personal data."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.actions import ACTIONS
from automations.models.db import bulk_write
from automations.models.db.base import db, write
from automations.models.db.database import workflow_engine
from automations.models.tables.customer import Customer
from automations.web.setup.logs import JsonFormatter, TextFormatter, without_people
from tests.kit.hostile.hostile_lines import CANARIES, EMAIL, NAME, PHONE, TOKEN
from tests.kit.shop import place_order, publish_automation
from tests.kit.steps import perform_and_record
from tests.world import NOW

FORMATS = (TextFormatter, JsonFormatter)


class Written(logging.Handler):
    """Keeps each record as both formats write it."""

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


def assert_no_personal_data(written: Written) -> None:
    assert written.lines, "something was logged at all"
    text = "\n".join(written.lines)
    assert [canary for canary in CANARIES if canary in text] == []


def customer(id: int) -> dict[str, object]:
    row = {column.name: None for column in Customer.__table__.columns}
    personal = {"first_name": NAME, "last_name": NAME, "email": EMAIL, "phone": PHONE, "number": TOKEN}
    required = {"id": id, "store_id": 1, "created_at": NOW, "updated_at": NOW, "tags": [], "note": TOKEN}
    return row | personal | required


def _insert_twice_in_bulk() -> None:
    with write() as session:
        bulk_write.insert(session, Customer.__table__, [customer(901), customer(901)])


def _insert_twice_by_orm() -> None:
    with write() as session:
        session.execute(sa.insert(Customer), [customer(902), customer(902)])


def _raise_with_personal_data() -> None:
    raise ValueError(f"cannot read {NAME} <{EMAIL}> {PHONE} {TOKEN}")


@pytest.mark.parametrize("fails", [_insert_twice_in_bulk, _insert_twice_by_orm, _raise_with_personal_data])
def test_an_exception_is_logged_without_the_row_it_quotes(
    app: Flask, written: Written, fails: Callable[[], None]
) -> None:
    try:
        fails()
    except Exception as error:
        logging.getLogger("automations.test").exception("It broke.")
        logging.getLogger("dbos").warning("Exception in a thread: %s", error)
    assert_no_personal_data(written)
    assert any("test_logs.py" in line for line in written.lines), "the log says where it broke"


def test_errors_of_both_engines_hide_their_parameters(app: Flask) -> None:
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


def test_a_failing_page_logs_its_error_and_no_personal_data(
    app: Flask, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> None:
        raise ValueError(f"{NAME} {EMAIL}")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.view_functions, "sign_ins.new", breaks)
    answer = app.test_client().get("/sign-in", query_string={"q": NAME}, headers={"Authorization": TOKEN})
    assert answer.status_code == 500
    assert EMAIL not in answer.text
    assert_no_personal_data(written)
    assert any("ValueError" in line for line in written.lines)


def test_a_failing_effect_logs_no_personal_data(
    app: Flask, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: object) -> str:
        raise KeyError(f"{NAME} {PHONE}")

    monkeypatch.setattr(ACTIONS["create_task"], "apply", breaks)
    settings = {"title": "Call {{ customer.first_name }}", "assignee": "manager", "priority": "normal"}
    publish_automation("Call", "created", actions=[{"kind": "create_task", "settings": settings}])
    place_order("1", customer_id=1)
    perform_and_record(app)
    assert_no_personal_data(written)


def test_a_json_line_can_be_parsed() -> None:
    try:
        _raise_with_personal_data()
    except ValueError:
        record = _record("Run %s of %s", 7, EMAIL)
    entry = json.loads(JsonFormatter().format(record))
    assert entry["message"] == "Run 7 of [email]"
    assert entry["error"] == ["builtins.ValueError"]
    assert entry["level"] == "ERROR"


@pytest.mark.parametrize(
    ("text", "cleaned"),
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
        ("Authorization: Bearer abc.def", "Authorization: [token]"),
        ("GET /unsubscribe/eyJhIjoxfQabcDEF123abcDEF123.sig-1234", "GET /unsubscribe/[token]"),
        ("2026-11-22 run 4711 on port 5432", "2026-11-22 run 4711 on port 5432"),
        ("workflow 0f8fad5b-d9cd-469f-a165-70867728950e", "workflow 0f8fad5b-d9cd-469f-a165-70867728950e"),
    ],
)
def test_personal_data_is_removed_and_everything_else_stays(text: str, cleaned: str) -> None:
    assert without_people(text) == cleaned


def test_the_message_of_an_unreachable_database_is_logged() -> None:
    try:
        sa.create_engine("sqlite:////nowhere/at/all.db").connect()
    except sa.exc.OperationalError:
        line = TextFormatter().format(_record("Away."))
    assert "unable to open database file" in line


def _record(message: str, *args: object) -> logging.LogRecord:
    stream = logging.StreamHandler(io.StringIO())
    captured: list[logging.LogRecord] = []
    stream.emit = captured.append
    logger = logging.Logger("automations.test")
    logger.addHandler(stream)
    logger.exception(message, *args)
    return captured[0]
