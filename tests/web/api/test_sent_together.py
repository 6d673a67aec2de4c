"""Requests that are under way at the same moment: each gets its own answer, as if it had come alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
from flask import Flask

from automations.models.db import base
from automations.models.db.base import CommitUnknown, db
from automations.models.tables.order import Order
from automations.models.tables.people import IdempotencyKey
from automations.pipeline.intake import joint_intake, representation
from automations.pipeline.intake.intake_task import IntakeTask
from tests.kit.live import serving
from tests.kit.set_up import api_key
from tests.kit.shop import publish_automation, runs

LIMIT = 30.0
GOOD = {"number": "1", "payment_status": "Paid", "customer": {"number": "C-1"}}
#: Method, path, body, headers; all but the last two fit with each other.
SENT: list[tuple[str, str, Any, dict[str, str]]] = [
    ("POST", "/api/orders", GOOD, {"Idempotency-Key": "one"}),
    ("POST", "/api/orders", {"number": "2", "customer": {"email": "new@buyer.example"}}, {}),
    ("POST", "/api/orders/batch", [{"number": "3"}, {"number": "4"}, {"number": "3", "note": "Ring"}], {}),
    ("PATCH", "/api/orders/absent", {"note": "Nobody"}, {"Idempotency-Key": "absent"}),
    ("POST", "/api/orders", {"total": "12.50"}, {"Idempotency-Key": "unnumbered"}),
    ("POST", "/api/orders", {"number": "used"}, {"Idempotency-Key": "earlier"}),
    ("PATCH", "/api/orders/0", {"status": "Confirmed"}, {}),
    ("POST", "/api/orders", {"number": "1", "note": "Again"}, {}),
    ("POST", "/api/orders", GOOD, {"Idempotency-Key": "one"}),
]
FITTING = 7


class Till:
    """Sends requests with one key, one after the other or all at once."""

    def __init__(self, address: str, secret: str) -> None:
        self._address, self._secret = address, secret
        self.send(("POST", "/api/orders", {"number": "0"}, {"Idempotency-Key": "earlier"}))

    def send(self, sent: tuple[str, str, Any, dict[str, str]]) -> tuple[int, Any, str | None]:
        method, path, body, headers = sent
        told = {"Authorization": f"Bearer {self._secret}", **headers}
        answer = requests.request(method, self._address + path, json=body, headers=told, timeout=60)
        return answer.status_code, without_ids(answer.json()), answer.headers.get("Idempotency-Replayed")

    def send_together(self, sent: list[Any]) -> list[tuple[int, Any, str | None]]:
        with ThreadPoolExecutor(len(sent)) as pool:
            return list(pool.map(self.send, sent))


def without_ids(value: Any) -> Any:
    """Return a JSON answer without ids and times."""
    left_out = ("id", "created_at", "updated_at", "placed_at")
    if isinstance(value, dict):
        return {key: without_ids(part) for key, part in value.items() if key not in left_out}
    return [without_ids(part) for part in value] if isinstance(value, list) else value


@pytest.fixture
def till(app: Flask) -> Iterator[Till]:
    publish_automation("Paid", "created")
    secret = api_key("till")
    db.session.rollback()
    with serving(app) as address:
        yield Till(address, secret)


@pytest.fixture
def groups(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[list[IntakeTask]]]:
    """Return a function that makes the next leader wait until so many wait for it; it returns the groups."""
    fitting, together, found = joint_intake._fitting, joint_intake.take_together, list[list[IntakeTask]]()
    waits = threading.Event()

    def wait_for(waiting: int) -> list[list[IntakeTask]]:
        first = iter([waiting])

        def patiently(session: Any, store: Any, leader: IntakeTask) -> Any:
            expected = next(first, 0)
            (lane,) = [
                lane for lanes in joint_intake._lanes.values() for lane in lanes.values() if lane._is_led
            ]
            for _ in range(int(LIMIT / 0.01)):
                if len(lane._queue) >= expected:
                    break
                waits.wait(0.01)
            return fitting(session, store, leader)

        def noted(session: Any, store: Any, tasks: Any) -> Any:
            found.append(list(tasks))
            return together(session, store, tasks)

        monkeypatch.setattr(joint_intake, "_fitting", patiently)
        monkeypatch.setattr(joint_intake, "take_together", noted)
        return found

    return wait_for


def kept() -> dict[str, list[Any]]:
    """Return what is stored of the requests, without ids and times."""
    db.session.rollback()
    keys = [(row.key, row.status) for row in db.session.query(IdempotencyKey)]
    orders = [(row.number, row.revision, row.note, row.payment_status) for row in db.session.query(Order)]
    return {"keys": sorted(keys), "orders": sorted(orders)}


def test_each_gets_the_answer_it_would_get_alone(
    app: Flask, till: Till, groups: Callable[[int], list[list[IntakeTask]]]
) -> None:
    found = groups(FITTING - 1)
    together = till.send_together(SENT[:FITTING])
    assert [len(group) for group in found] == [FITTING]
    assert [status for status, _, _ in together] == [201, 201, 200, 404, 201, 409, 200]
    after = kept()
    assert [number for number, *_ in after["orders"]] == ["0", "1", "2", "3", "4", "O-1"]
    assert len(runs()) == 6
    assert [key for key, _ in after["keys"]] == ["earlier", "one", "unnumbered"]
    # Sent once more one by one: only what has no key or changes nothing is told apart from a replay.
    again = [till.send(sent) for sent in SENT[:FITTING]]
    for (status, body, _), (second, same, replayed) in zip(together, again, strict=True):
        if replayed or status >= 400:
            assert (second, same) == (status, body)
    assert [replayed for _, _, replayed in again] == ["true", None, None, None, "true", None, None]


def test_what_touches_the_same_takes_turns(
    app: Flask, till: Till, groups: Callable[[int], list[list[IntakeTask]]]
) -> None:
    found = groups(2)
    answers = till.send_together([SENT[0], SENT[7], SENT[8]])
    assert sorted(status for status, _, _ in answers) in ([200, 201, 201], [200, 200, 201])
    assert found == []
    assert [(number, revision) for number, revision, *_ in kept()["orders"]] == [("0", 1), ("1", 2)]
    replays = [replayed for _, _, replayed in (answers[0], answers[2])]
    assert sorted(replays, key=str) == [None, "true"]


def test_one_that_fails_is_done_again_alone_and_so_are_the_others(
    app: Flask,
    till: Till,
    groups: Callable[[int], list[list[IntakeTask]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_received = representation.of_received

    def failing(session: Any, store: Any, subject: str, received: Any) -> Any:
        if received.number == "bad":
            raise RuntimeError("This one cannot be told.")
        return of_received(session, store, subject, received)

    monkeypatch.setattr(representation, "of_received", failing)
    found = groups(3)
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    sent = [("POST", "/api/orders", {"number": number}, {}) for number in ("5", "bad", "6", "7")]
    answers = till.send_together(sent)
    assert [len(group) for group in found] == [4]
    assert [status for status, _, _ in answers] == [201, 500, 201, 201]
    assert [number for number, *_ in kept()["orders"]] == ["0", "5", "6", "7"]
    assert len(runs()) == 4


def test_if_nobody_knows_whether_it_is_stored_all_are_told_so_and_none_is_done_again(
    app: Flask,
    till: Till,
    groups: Callable[[int], list[list[IntakeTask]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, commit, lost = groups(2), base._commit, []

    def losing(session: Any) -> None:
        commit(session)
        if found and not lost:
            lost.append(True)
            raise CommitUnknown("The connection broke.")

    monkeypatch.setattr(base, "_commit", losing)
    sent = [("POST", "/api/orders", {"total": f"{place}.00"}, {}) for place in range(1, 4)]
    answers = till.send_together(sent)
    assert [status for status, _, _ in answers] == [503] * 3
    assert {"went away while this was being stored" in json.dumps(body) for _, body, _ in answers} == {True}
    assert [number for number, *_ in kept()["orders"]] == ["0", "O-1", "O-2", "O-3"]
