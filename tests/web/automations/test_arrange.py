"""Groups of automations, and the order in which they run."""

from __future__ import annotations

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import Evaluation
from tests.kit import shop
from tests.web.pages import text_of


def fired() -> list[str]:
    """Return the names of the automations that fired, in the order of their evaluations."""
    query = db.session.query(Version.name).join(Evaluation, Evaluation.version_id == Version.id)
    return [name for (name,) in query.order_by(Evaluation.id)]


def test_an_empty_list_says_there_is_nothing_to_arrange(as_rosa: FlaskClient) -> None:
    assert "There is nothing to arrange" in text_of(as_rosa.get("/automations/arrange"))


def test_automations_run_in_the_order_of_the_list(as_rosa: FlaskClient) -> None:
    ids = [shop.publish_automation(name, "created") for name in ("First", "Second", "Third")]
    as_rosa.post(f"/automations/{ids[2]}/place", data={"to": "up"})
    as_rosa.post(f"/automations/{ids[2]}/place", data={"to": "up"})
    as_rosa.post(f"/automations/{ids[0]}/place", data={"to": "down"})
    # The first answer says what was moved.
    as_rosa.get("/automations/arrange")
    words = text_of(as_rosa.get("/automations/arrange"))
    assert words.index("Third") < words.index("Second") < words.index("First")
    shop.place_order()
    assert fired() == ["Third", "Second", "First"]
    assert [run.evaluation.version.name for run in shop.runs()] == ["Third", "Second", "First"]


def test_moving_past_either_end_of_the_list_changes_nothing(as_rosa: FlaskClient) -> None:
    ids = [shop.publish_automation(name, "created") for name in ("First", "Second")]
    assert as_rosa.post(f"/automations/{ids[0]}/place", data={"to": "up"}).status_code == 303
    as_rosa.post(f"/automations/{ids[1]}/place", data={"to": "down"})
    shop.place_order()
    assert fired() == ["First", "Second"]


def test_a_group_is_a_name_to_filter_by(as_rosa: FlaskClient) -> None:
    automation_id = shop.publish_automation("Thank you", "created")
    shop.publish_automation("Other", "created")
    assert "Any group" not in text_of(as_rosa.get("/automations"))
    as_rosa.post(f"/automations/{automation_id}/group", data={"group": "  After  the sale "})
    words = text_of(as_rosa.get("/automations?group=After+the+sale"))
    assert "Thank you" in words and "Other" not in words and "1 automation" in words
    assert "No automation matches" in text_of(as_rosa.get("/automations?group=None"))
    as_rosa.post(f"/automations/{automation_id}/group", data={"group": ""})
    assert "Any group" not in text_of(as_rosa.get("/automations"))
