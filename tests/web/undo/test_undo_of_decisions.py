"""Skipped actions, moved and grouped automations and removed filters are taken back with Undo."""

from __future__ import annotations

import datetime as dt

from flask.testing import FlaskClient

from automations.features.authoring import archiving
from automations.features.figures import counting
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.day_figure import DayFigure
from automations.models.tables.people import User
from automations.models.tables.saved_filter import SavedFilter
from automations.models.tables.schedule_progress import Due
from automations.models.tables.shop_connection import ShopConnection
from automations.models.tables.store import Store
from automations.pipeline.sources import picking
from tests.kit import shop
from tests.kit.pages.one_of_each import one_of_each
from tests.web.pages import text_of
from tests.web.undo.test_undo import LATER, last_audit, undo_after, undo_in


def waiting_run() -> tuple[int, str]:
    """Let an action of an automation wait; return the automation's id and the address that skips it."""
    automation_id = shop.publish_automation("Thank you", "created", actions=[LATER])
    shop.place_order(now=dt.datetime.now(dt.UTC))
    return automation_id, f"/automations/{automation_id}/upcoming/runs/{shop.runs()[0].id}/skip"


def take_back(client: FlaskClient, address: str) -> str:
    words = text_of(client.post(address, follow_redirects=True))
    db.session.expire_all()
    return words


def test_a_skipped_action_waits_again_and_counts_as_waiting(as_rosa: FlaskClient) -> None:
    _, address = waiting_run()
    due_at = shop.runs()[0].due_at
    undo = undo_after(as_rosa, address)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    counting.FigureCounting().once(later)
    assert "The action waits again." in take_back(as_rosa, undo)
    run = shop.runs()[0]
    assert (run.state, run.reason, run.finished_at, run.due_at) == ("waiting", None, None, due_at)
    assert last_audit() == f"took back skipping run {run.id}"
    counting.FigureCounting().once(later)
    figures = db.session.query(DayFigure).filter(DayFigure.count > 0).all()
    assert [one.standing for one in figures] == ["under_way"]
    assert "This was undone already." in take_back(as_rosa, undo)


def test_a_skipped_action_whose_time_came_goes_out_now(as_rosa: FlaskClient) -> None:
    _, address = waiting_run()
    undo = undo_after(as_rosa, address)
    shop.set_run(shop.runs()[0].id, due_at=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1))
    assert "The action is due and goes out now." in take_back(as_rosa, undo)


def test_a_skipped_action_of_an_archived_automation_stays_skipped(as_rosa: FlaskClient, rosa: User) -> None:
    automation_id, address = waiting_run()
    undo = undo_after(as_rosa, address)
    with write() as session:
        who = session.get_one(User, rosa.id)
        archiving.archive(session, session.get_one(Automation, automation_id), who, dt.datetime.now(dt.UTC))
    assert "Its automation was archived in the meantime" in take_back(as_rosa, undo)
    assert shop.runs()[0].state == "cancelled"


def _skipped_instant(client: FlaskClient, at: dt.datetime) -> str:
    automation_id = shop.publish_automation("Thank you", "created")
    received = shop.place_order()
    values = {"subject": "order", "record": str(received.id), "at": at.isoformat()}
    return undo_after(client, f"/automations/{automation_id}/upcoming/skip", **values)


def test_a_skipped_time_comes_again(as_rosa: FlaskClient) -> None:
    undo = _skipped_instant(as_rosa, dt.datetime.now(dt.UTC) + dt.timedelta(hours=2))
    assert db.session.query(Due).count() == 1
    assert "The action is coming up again." in take_back(as_rosa, undo)
    assert db.session.query(Due).count() == 0


def test_a_skipped_time_that_is_over_stays_skipped(as_rosa: FlaskClient) -> None:
    undo = _skipped_instant(as_rosa, dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1))
    assert "Its time is over, so it stays skipped." in take_back(as_rosa, undo)
    assert db.session.query(Due).count() == 1


def test_whoever_sends_now_is_told_before_that_it_cannot_be_undone(as_rosa: FlaskClient) -> None:
    automation_id, address = waiting_run()
    page = text_of(as_rosa.get(f"/automations/{automation_id}/upcoming"))
    assert "“Send now” goes out at once and cannot be undone." in page
    sent = as_rosa.post(address.replace("/skip", "/sending"), follow_redirects=True)
    assert "It is sent now. That cannot be undone." in text_of(sent) and "toast-undo" not in sent.text


def test_a_moved_automation_goes_back_unless_the_order_was_changed_since(as_rosa: FlaskClient) -> None:
    ids = [shop.publish_automation(name, "created") for name in ("First", "Second", "Third")]
    undo = undo_after(as_rosa, f"/automations/{ids[2]}/place", to="up")
    assert "“Third” is back in its place." in take_back(as_rosa, undo)
    words = text_of(as_rosa.get("/automations/arrange"))
    assert words.index("First") < words.index("Second") < words.index("Third")
    undo = undo_after(as_rosa, f"/automations/{ids[2]}/place", to="up")
    as_rosa.post(f"/automations/{ids[2]}/place", data={"to": "up"})
    assert "The order was changed in the meantime" in take_back(as_rosa, undo)


def test_an_automation_goes_back_into_its_group(as_rosa: FlaskClient) -> None:
    id = shop.publish_automation("Thank you", "created")
    undo_after(as_rosa, f"/automations/{id}/group", group="Weddings")
    undo = undo_after(as_rosa, f"/automations/{id}/group", group="")
    assert "“Thank you” is in “Weddings” again." in take_back(as_rosa, undo)
    assert db.session.get_one(Automation, id).group_name == "Weddings"
    undo = undo_after(as_rosa, f"/automations/{id}/group", group="Funerals")
    as_rosa.post(f"/automations/{id}/group", data={"group": "Other"})
    assert "It was put into another group in the meantime" in take_back(as_rosa, undo)


def test_a_removed_filter_comes_back_unless_its_name_is_taken(as_rosa: FlaskClient) -> None:
    as_rosa.post("/activity/filters", data={"name": "Left out", "outcome": "skipped"})
    id = db.session.query(SavedFilter).one().id
    undo = undo_after(as_rosa, f"/activity/filters/{id}/removal")
    assert "The filter “Left out” is back." in take_back(as_rosa, undo)
    kept = db.session.query(SavedFilter).one()
    assert (kept.id, kept.name, kept.arguments) == (id, "Left out", {"outcome": "skipped"})
    removed = as_rosa.post(f"/activity/filters/{id}/removal", follow_redirects=True)
    as_rosa.post("/activity/filters", data={"name": "left out", "outcome": "sent"})
    take_back(as_rosa, undo_in(removed.text))
    assert db.session.query(SavedFilter).one().arguments == {"outcome": "sent"}


def test_a_field_that_is_no_longer_read_is_read_again(as_rosa: FlaskClient, bloom: Store, rosa: User) -> None:
    connection_id = one_of_each(bloom, rosa)["mapped_id"]
    at = f"/settings/shops/{connection_id}/mapping"
    with write() as session:
        connection = session.get_one(ShopConnection, connection_id)
        connection.options = connection.options | {"mapping": {"paths": {"note": ["memo"]}}}
    undo = undo_after(as_rosa, f"{at}/removals", field="note")
    assert "note" not in picking.mapping_of(db.session.get_one(ShopConnection, connection_id))["paths"]
    assert "is read again." in take_back(as_rosa, undo)
    kept = picking.mapping_of(db.session.get_one(ShopConnection, connection_id))
    assert kept["paths"]["note"] == ["memo"]
    undo = undo_after(as_rosa, f"{at}/removals", field="note")
    with write() as session:
        connection = session.get_one(ShopConnection, connection_id)
        connection.options = connection.options | {"mapping": {"paths": {"note": ["other"]}}}
    assert "The mapping was changed in the meantime" in take_back(as_rosa, undo)


def test_what_cannot_be_undone_says_so_beside_its_button(
    as_ada: FlaskClient, as_rosa: FlaskClient, bloom: Store, rosa: User
) -> None:
    one_of_each(bloom, rosa)
    for page in ("/settings/connections/secrets", "/settings/keys", "/settings/webhooks"):
        words = text_of(as_ada.get(page))
        assert "cannot be undone" in words, page
