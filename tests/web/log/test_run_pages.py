"""Decisions on actions that failed or may have arrived."""

from __future__ import annotations

import datetime as dt

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.people import Audit
from automations.models.tables.run import Attempt, Message, Run
from automations.pipeline.runs import relay_signal
from tests.kit import shop
from tests.kit.doing import perform_due
from tests.web.pages import text_of
from tests.world import NOW

#: Later than any clock during the tests.
LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
PREPARED = {"kind": "send_email", "to": "a@b.example", "to_name": "", "subject": "Hi", "body": "Hello"}


def a_run(state: str, result: str = "refused") -> int:
    shop.publish_automation("Thank you", "created")
    shop.place_order()
    run_id = shop.runs()[0].id
    shop.set_run(run_id, state=state, reason="550 no such user", tries=1, finished_at=NOW)
    with write() as session:
        session.add(Attempt(run_id=run_id, number=1, result=result, prepared=PREPARED, started_at=NOW))
    return run_id


def run(run_id: int) -> Run:
    db.session.expire_all()
    return db.session.get_one(Run, run_id)


def test_what_needs_a_person_is_listed_with_its_reason(as_rosa: FlaskClient) -> None:
    a_run("failed")
    words = text_of(as_rosa.get("/needs-you"))
    assert "Order 10482 Thank you, version 1" in words
    assert "failed, needs you , for a@b.example: 550 no such user" in words
    assert "1 needs you" in text_of(as_rosa.get("/activity"))


def test_an_empty_list_says_that_nothing_needs_a_decision(as_finn: FlaskClient) -> None:
    assert "Nothing needs you" in text_of(as_finn.get("/needs-you"))


def test_a_failed_run_is_retried_once(as_rosa: FlaskClient) -> None:
    run_id = a_run("failed")
    first = as_rosa.post(f"/runs/{run_id}/retries", follow_redirects=True)
    assert "It will be tried again in a moment." in text_of(first)
    assert (run(run_id).state, run(run_id).reason, run(run_id).tries) == ("waiting", None, 1)
    second = as_rosa.post(f"/runs/{run_id}/retries", follow_redirects=True)
    assert "Someone else got there first" in text_of(second)
    assert db.session.query(Audit).filter_by(action="tried again").count() == 1


def test_a_held_run_says_what_it_waits_for_and_shows_no_next_try(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Tell", "created")
    shop.place_order("7", customer_id=1)
    shop.switch_off(automation_id)
    perform_due()
    for page in ("/orders/7", "/needs-you"):
        words = text_of(as_rosa.get(page))
        assert (
            "held : this automation is switched off. It continues when someone switches it on again." in words
        )
        assert "next try" not in words and "Delayed" not in words


def test_an_unknown_run_shows_what_to_look_for_at_the_provider(as_rosa: FlaskClient) -> None:
    run_id = a_run("unknown", "uncertain")
    with write() as session:
        session.query(Attempt).one().provider_id = "SM-77"
    for address in ("/needs-you", "/orders/10482"):
        words = text_of(as_rosa.get(address))
        assert f"Look at a@b.example for run-{run_id}-0 or SM-77" in words, address
        assert "Mark as arrived" in words and "Send again" in words


def test_it_arrived_marks_the_run_as_succeeded_and_keeps_the_message(as_rosa: FlaskClient) -> None:
    run_id = a_run("unknown", "uncertain")
    as_rosa.post(f"/runs/{run_id}/resolutions", data={"decision": "arrived"})
    assert run(run_id).state == "succeeded"
    assert [attempt.result for attempt in run(run_id).attempts] == ["sent"]
    assert [message.body for message in db.session.query(Message)] == ["Hello"]


def test_send_again_opens_the_uncertain_attempt_for_another_try(as_rosa: FlaskClient) -> None:
    run_id = a_run("unknown", "uncertain")
    as_rosa.post(f"/runs/{run_id}/resolutions", data={"decision": "send_again"})
    assert run(run_id).state == "waiting"
    assert [attempt.result for attempt in run(run_id).attempts] == ["try_again"]


@pytest.mark.parametrize("decision", ["arrived", "send_again"])
def test_a_decision_about_a_run_that_is_not_unknown_changes_nothing(
    as_rosa: FlaskClient, decision: str
) -> None:
    run_id = a_run("succeeded", "sent")
    answer = as_rosa.post(f"/runs/{run_id}/resolutions", data={"decision": decision}, follow_redirects=True)
    assert "Someone else got there first" in text_of(answer)
    assert [attempt.detail for attempt in run(run_id).attempts] == [None]
    assert db.session.query(Message).count() == 0


def test_an_unknown_decision_is_refused(as_rosa: FlaskClient) -> None:
    run_id = a_run("unknown", "uncertain")
    assert as_rosa.post(f"/runs/{run_id}/resolutions", data={"decision": "x"}).status_code == 400


def test_viewers_and_other_stores_decide_nothing(as_finn: FlaskClient, as_mallory: FlaskClient) -> None:
    run_id = a_run("failed")
    assert as_finn.post(f"/runs/{run_id}/retries").status_code == 403
    assert as_mallory.post(f"/runs/{run_id}/retries").status_code == 404
    assert run(run_id).state == "failed"


def a_failing_run() -> int:
    run_id = a_run("waiting", "try_again")
    shop.set_run(run_id, reason="The server is busy.", due_at=LATER, finished_at=None)
    return run_id


def test_a_failing_run_says_when_it_is_tried_next_and_offers_to_try_now(as_rosa: FlaskClient) -> None:
    run_id = a_failing_run()
    for address in ("/orders/10482", "/activity", "/needs-you"):
        page = as_rosa.get(address)
        words = text_of(page)
        assert "The server is busy." in words and "· next try " in words, address
        assert f'action="/runs/{run_id}/earlier-tries"' in page.text, address


def test_viewers_see_the_next_try_without_the_button(as_finn: FlaskClient) -> None:
    a_failing_run()
    words = text_of(as_finn.get("/needs-you"))
    assert "next try" in words and "Try now" not in words


def test_trying_now_happens_once_and_is_audited(as_rosa: FlaskClient) -> None:
    run_id = a_failing_run()
    first = as_rosa.post(f"/runs/{run_id}/earlier-tries", follow_redirects=True)
    assert "It is being tried now instead of later." in text_of(first)
    assert run(run_id).state == "waiting" and run(run_id).due_at < LATER
    second = as_rosa.post(f"/runs/{run_id}/earlier-tries", follow_redirects=True)
    assert "Someone else got there first" in text_of(second)
    assert db.session.query(Audit).filter_by(action="tried now").count() == 1


@pytest.mark.parametrize("change", [{"state": "queued"}, {"state": "succeeded"}, {"reason": None}])
def test_only_a_run_that_fails_and_waits_can_be_tried_now(
    as_rosa: FlaskClient, change: dict[str, str | None]
) -> None:
    run_id = a_failing_run()
    shop.set_run(run_id, **change)
    as_rosa.post(f"/runs/{run_id}/earlier-tries")
    assert run(run_id).due_at == LATER


def test_trying_now_wakes_the_relay(as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    woken: list[object] = []
    run_id = a_failing_run()
    monkeypatch.setattr(relay_signal, "on_commit", woken.append)
    as_rosa.post(f"/runs/{run_id}/earlier-tries")
    assert len(woken) == 1
