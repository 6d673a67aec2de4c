"""Settings: the lists. A key never changes, and an entry in use cannot be removed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Choice, Store
from automations.web.settings import choice_list_pages
from tests.kit import shop
from tests.web.pages import text_of
from tests.world import NOW

RULE = {
    "subject": "order",
    "trigger": {"key": "status_changed", "from": None, "to": "picked"},
    "conditions": [{"field": "fulfilment_method", "operator": "equals", "value": "relay"}],
    "actions": [],
}


@pytest.fixture
def relay_rule(bloom: Store, rosa: User) -> int:
    with write() as session:
        kept = {"created_by": rosa.id, "created_at": NOW, "updated_at": NOW}
        automation = Automation(store_id=bloom.id, name="Relay handover", draft=RULE, **kept)
        session.add(automation)
        session.flush()
        return automation.id


def choice(label: str, list_key: str = "order_status", store: str = "Bloom & Wild St") -> Choice:
    choices = db.session.query(Choice).join(Store, Store.id == Choice.store_id)
    return choices.filter(Choice.label == label, Choice.list_key == list_key, Store.name == store).one()


def labels(list_key: str = "order_status") -> list[str]:
    store = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    return [label for _, label in StoreWords(db.session(), store).options(list_key)]


def test_the_lists_start_with_the_default_names(as_rosa: FlaskClient) -> None:
    words = text_of(as_rosa.get("/settings/lists"))
    assert "Unconfirmed" in words and "Out for Delivery" in words
    assert "Follow Up" in text_of(as_rosa.get("/settings/lists/event_status"))


def test_a_renamed_entry_keeps_its_key_and_its_old_name_is_still_understood(
    as_rosa: FlaskClient, bloom: Store, relay_rule: int
) -> None:
    before = bloom.ruleset
    picked = choice("Picked")
    shown = as_rosa.get(f"/settings/choices/{picked.id}")
    assert 'class="active" aria-current="page">Lists<' in shown.text
    page = text_of(shown)
    assert "Used by 1 automation, which follows the new name: Relay handover." in page
    as_rosa.post(f"/settings/choices/{picked.id}", data={"label": " Packed  up "})
    db.session.expire_all()
    renamed = choice("Packed up")
    assert (renamed.key, renamed.former_labels) == ("picked", ["Picked"])
    assert StoreWords(db.session(), bloom).key_for("order_status", "PICKED") == "picked"
    assert db.session.get_one(Automation, relay_rule).draft["trigger"]["to"] == "picked"
    assert bloom.ruleset > before


def test_an_entry_in_use_is_not_removed_and_says_who_uses_it(as_rosa: FlaskClient, relay_rule: int) -> None:
    for label, list_key in (("Picked", "order_status"), ("Relay", "fulfilment_method")):
        answer = as_rosa.post(f"/settings/choices/{choice(label, list_key).id}/removal")
        assert answer.status_code == 409
        assert f"“{label}” is in use, so it stays." in text_of(answer)
        assert "Relay handover" in text_of(answer)
        assert choice(label, list_key)


def test_an_unused_entry_is_removed(as_rosa: FlaskClient) -> None:
    as_rosa.post(f"/settings/choices/{choice('With Courier').id}/removal")
    assert "With Courier" not in labels()


def test_a_new_entry_gets_its_own_key(as_rosa: FlaskClient) -> None:
    as_rosa.post("/settings/lists/order_status/choices", data={"label": "On hold"})
    assert choice("On hold").key == "on_hold"
    assert labels()[-1] == "On hold"


@pytest.mark.parametrize("label", ["", "   ", "x" * 61, "picked", "PICKED"])
def test_an_invalid_name_is_refused_and_kept_in_the_form(as_rosa: FlaskClient, label: str) -> None:
    answer = as_rosa.post("/settings/lists/order_status/choices", data={"label": label})
    assert answer.status_code == 422
    assert "is-invalid" in answer.text and f'value="{label}"' in answer.text


def test_a_former_name_is_not_given_to_another_entry(as_rosa: FlaskClient) -> None:
    as_rosa.post(f"/settings/choices/{choice('Picked').id}", data={"label": "Packed"})
    answer = as_rosa.post("/settings/lists/order_status/choices", data={"label": "Picked"})
    assert "may still call “Packed”" in text_of(answer)


def test_an_entry_may_take_its_old_name_back(as_rosa: FlaskClient) -> None:
    picked = choice("Picked").id
    as_rosa.post(f"/settings/choices/{picked}", data={"label": "Packed"})
    as_rosa.post(f"/settings/choices/{picked}", data={"label": "Picked"})
    db.session.expire_all()
    assert choice("Picked").former_labels == ["Packed"]


def test_entries_move_up_and_down(as_rosa: FlaskClient) -> None:
    picked = choice("Picked").id
    as_rosa.post(f"/settings/choices/{picked}/place", data={"to": "up"})
    assert labels()[:3] == ["Unconfirmed", "Picked", "Confirmed"]
    as_rosa.post(f"/settings/choices/{picked}/place", data={"to": "down"})
    assert labels()[:3] == ["Unconfirmed", "Confirmed", "Picked"]


def test_the_last_entry_of_a_list_cannot_be_removed(as_rosa: FlaskClient) -> None:
    for label in ("Wedding", "Funeral"):
        as_rosa.post(f"/settings/choices/{choice(label, 'event_type').id}/removal")
    answer = as_rosa.post(f"/settings/choices/{choice('Corporate', 'event_type').id}/removal")
    assert "A list needs at least one entry." in text_of(answer)


def test_entries_of_another_store_are_not_found(as_mallory: FlaskClient) -> None:
    picked = choice("Picked").id
    for answer in (
        as_mallory.get(f"/settings/choices/{picked}"),
        as_mallory.post(f"/settings/choices/{picked}", data={"label": "Mine"}),
        as_mallory.post(f"/settings/choices/{picked}/removal"),
    ):
        assert answer.status_code == 404
    assert choice("Picked")


def test_an_unknown_list_is_not_found(as_rosa: FlaskClient) -> None:
    assert as_rosa.get("/settings/lists/colours").status_code == 404
    assert as_rosa.post("/settings/lists/colours/choices", data={"label": "Red"}).status_code == 404


def test_of_many_orders_the_newest_are_looked_at_and_a_removal_looks_at_all(
    as_rosa: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, status in enumerate(("picked", "unconfirmed", "unconfirmed")):
        shop.place_order(str(number), status=status)
    assert "Used by 1 order" in text_of(as_rosa.get("/settings/lists"))
    monkeypatch.setattr(choice_list_pages, "NEWEST", 2)
    words = text_of(as_rosa.get("/settings/lists"))
    assert "Used by 2 of the newest 2 orders" in words
    assert "Not used by the newest 2 orders" in words and "Used by 1" not in words
    refused = as_rosa.post(f"/settings/choices/{choice('Picked').id}/removal")
    assert refused.status_code == 409 and "1 order" in text_of(refused)
    assert '"Picked","","1"' in as_rosa.get("/settings/lists/order_status.csv").text
