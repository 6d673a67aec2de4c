"""Undo gives the settings of a store back what was saved over, unless someone changed them again."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from automations.features.authoring import choice_lists
from automations.models.db.base import db, write
from automations.models.settings import log_retention
from automations.models.tables.custom_field import CustomField
from automations.models.tables.store import Choice, Store
from automations.models.tables.store_file import StoreFile
from automations.models.tables.undo_step import UndoStep
from tests.kit import shop
from tests.web.pages import text_of
from tests.web.settings.test_email_look_settings import picture, save
from tests.web.undo.test_undo import undo_after, undo_in
from tests.web.undo.test_undo_of_rules import audited
from tests.world import NOW

STORE = {
    "name": "Bloom & Wild St",
    "sender_email": "hello@bloom.example",
    "currency": "GBP",
    "timezone": "Europe/London",
    "region": "GB",
    "language": "en-GB",
}
BEFOREHAND = "For a day you can undo what you save here, unless someone has changed it again."


def store() -> Store:
    db.session.rollback()
    return db.session.query(Store).filter(Store.name.in_(("Bloom & Wild St", "Petals"))).one()


def stored() -> dict[str, object]:
    row = store()
    return {name: getattr(row, name) for name in STORE}


def undone(client: FlaskClient, address: str) -> str:
    return text_of(client.post(address, follow_redirects=True))


def test_the_store_has_its_name_zone_and_currency_again(as_ada: FlaskClient, bloom: Store) -> None:
    before, ruleset = stored(), store().ruleset
    assert BEFOREHAND in text_of(as_ada.get("/settings/store"))
    changed = STORE | {"name": "Petals", "currency": "EUR", "timezone": "Europe/Berlin", "region": "DE"}
    address = undo_after(as_ada, "/settings/store", **changed)
    assert stored() == changed
    words = text_of(as_ada.get(address))
    assert "The undo would change the store:" in words
    assert "Name now Petals then Bloom & Wild St" in words
    assert "Time zone now Europe/Berlin then Europe/London" in words
    assert "The store is as it was." in undone(as_ada, address)
    assert stored() == before and store().ruleset == ruleset + 2
    # Numbers of both countries are read again.
    assert set(store().phone_regions) == {"GB", "DE"} and store().region_changed_at is not None
    assert "This was undone already." in undone(as_ada, address)


def test_what_someone_changed_since_stays(as_ada: FlaskClient, bloom: Store) -> None:
    address = undo_after(as_ada, "/settings/store", **STORE | {"currency": "EUR"})
    as_ada.post("/settings/store", data=STORE | {"currency": "USD"})
    assert "Someone has changed these settings in the meantime, so nothing" in undone(as_ada, address)
    assert stored()["currency"] == "USD"


def test_another_setting_that_was_changed_since_stays_too(as_ada: FlaskClient, bloom: Store) -> None:
    address = undo_after(as_ada, "/settings/store", **STORE | {"currency": "EUR"})
    as_ada.post("/settings/store", data=STORE | {"currency": "EUR", "timezone": "Europe/Paris"})
    undone(as_ada, address)
    assert (stored()["currency"], stored()["timezone"]) == ("GBP", "Europe/Paris")


def test_the_store_goes_back_to_no_name_that_is_taken(as_ada: FlaskClient, bloom: Store) -> None:
    address = undo_after(as_ada, "/settings/store", **STORE | {"name": "Petals"})
    with write() as session:
        session.add(Store(name="Bloom & Wild St", created_at=NOW))
    assert "another store is called “Bloom & Wild St” now" in undone(as_ada, address)


def test_saving_what_it_is_already_offers_no_undo(as_ada: FlaskClient) -> None:
    count = db.session.query(UndoStep).count()
    pages = {
        "/settings/store": STORE,
        "/settings/retention": {"nothing": "90", "unsent": "365", "sent": "1825"},
    }
    for url, same in pages.items():
        page = as_ada.post(url, data=same, follow_redirects=True).text
        assert "toast-undo" not in page
    db.session.rollback()
    assert db.session.query(UndoStep).count() == count


def test_the_hours_are_again_what_they_were(as_ada: FlaskClient) -> None:
    assert BEFOREHAND in text_of(as_ada.get("/settings/hours"))
    hours = {"opens-6": "10:00", "closes-6": "14:00", "quiet-from": "21:00", "quiet-until": "07:00"}
    address = undo_after(as_ada, "/settings/hours", **hours)
    assert store().working_hours == {"6": ["10:00", "14:00"]}
    words = text_of(as_ada.get(address))
    assert "Monday now closed then 09:00–18:00" in words
    assert "Quiet hours of marketing now 21:00–07:00 then 20:00–08:00" in words
    assert "The working hours are as they were." in undone(as_ada, address)
    # The default, as before: the store had none of its own.
    assert (store().working_hours, store().quiet_hours) == (None, None)
    (sentence,) = audited(1)
    assert sentence.startswith("undid a change of the hours of Monday from 09:00–18:00 to closed")
    assert "the quiet hours of marketing from 20:00–08:00 to 21:00–07:00" in sentence


def test_the_log_is_kept_as_long_as_before(as_ada: FlaskClient) -> None:
    assert "What was deleted by then stays deleted." in text_of(as_ada.get("/settings/retention"))
    address = undo_after(as_ada, "/settings/retention", nothing="31", unsent="365", sent="1825")
    assert log_retention.days_of(store())["nothing"] == 31
    assert "Days for a change that set nothing off now 31 then 90" in text_of(as_ada.get(address))
    assert "The log is kept as long as before." in undone(as_ada, address)
    assert log_retention.days_of(store()) == log_retention.USUAL
    assert audited(1) == [
        "undid a change of how long the log keeps what no automation fired on from 90 days to 31 days"
    ]


def test_emails_have_their_former_look_and_logo(as_ada: FlaskClient) -> None:
    save(as_ada, picture())
    as_ada.get("/settings/email-look")
    before = store().email_look
    assert before["logo"]
    address = undo_after(as_ada, "/settings/email-look", on="y", colour="#112233", no_logo="y")
    assert store().email_look["colour"] == "#112233" and "logo" not in store().email_look
    assert "Emails look as before." in undone(as_ada, address)
    assert store().email_look == before


def test_a_look_whose_logo_is_gone_stays_as_it_is(as_ada: FlaskClient) -> None:
    save(as_ada, picture())
    as_ada.get("/settings/email-look")
    address = undo_after(as_ada, "/settings/email-look", on="y", colour="#112233", no_logo="y")
    with write() as session:
        session.query(StoreFile).delete()
    assert "The logo of before is no longer kept" in undone(as_ada, address)
    assert store().email_look["colour"] == "#112233"


@pytest.fixture
def picked(bloom: Store) -> Choice:
    query = db.session.query(Choice).filter_by(store_id=bloom.id, list_key="order_status", key="picked")
    return query.one()


def test_an_entry_of_a_list_has_its_name_again(as_ada: FlaskClient, picked: Choice) -> None:
    id, label = picked.id, picked.label
    assert BEFOREHAND in text_of(as_ada.get(f"/settings/choices/{id}"))
    address = undo_after(as_ada, f"/settings/choices/{id}", label="Ready for the van")
    assert f"It is called “{label}” again." in undone(as_ada, address)
    db.session.rollback()
    row = db.session.get_one(Choice, id)
    assert (row.label, row.former_labels) == (label, [])
    assert audited(1) == [f"undid renaming “{label}” in order statuses to “Ready for the van”"]
    # The name of meanwhile is free again.
    assert (
        as_ada.post("/settings/lists/order_status/choices", data={"label": "Ready for the van"}).status_code
        == 303
    )


def test_an_entry_that_was_renamed_again_stays(as_ada: FlaskClient, picked: Choice) -> None:
    id, label = picked.id, picked.label
    first = undo_after(as_ada, f"/settings/choices/{id}", label="Packed")
    second = undo_after(as_ada, f"/settings/choices/{id}", label="Wrapped")
    assert "“Wrapped” was renamed in the meantime" in undone(as_ada, first)
    assert "It is called “Packed” again." in undone(as_ada, second)
    assert f"It is called “{label}” again." in undone(as_ada, first)


def test_an_entry_that_was_added_is_taken_out_again(as_ada: FlaskClient, bloom: Store) -> None:
    page = "/settings/lists/order_status"
    address = undo_after(as_ada, f"{page}/choices", label="Wrapped")
    assert "“Wrapped” is taken out again." in undone(as_ada, address)
    assert "Wrapped" not in text_of(as_ada.get(page)) and audited(1) == [
        "removed “Wrapped” in order statuses"
    ]
    address = undo_after(as_ada, f"{page}/choices", label="Wrapped")
    id = db.session.query(Choice).filter_by(store_id=bloom.id, label="Wrapped").one().id
    shop.place_order("N-9", status="wrapped")
    assert "“Wrapped” is in use, so it stays." in undone(as_ada, address)
    as_ada.post(f"/settings/choices/{id}", data={"label": "Tied"})
    assert "“Tied” was renamed in the meantime" in undone(as_ada, address)


def labels(client: FlaskClient) -> list[str]:
    db.session.rollback()
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    return [one.label for one in choice_lists.entries(db.session(), bloom.id, "order_status")]


def test_an_entry_that_was_moved_is_back_in_its_place(as_ada: FlaskClient, picked: Choice) -> None:
    before, id = labels(as_ada), picked.id
    address = undo_after(as_ada, f"/settings/choices/{id}/place", to="up")
    moved = labels(as_ada)
    assert moved != before
    # What was added since stays at the end.
    as_ada.post("/settings/lists/order_status/choices", data={"label": "Wrapped"})
    assert "“Picked” is back in its place." in undone(as_ada, address)
    assert labels(as_ada) == [*before, "Wrapped"]
    address = undo_after(as_ada, f"/settings/choices/{id}/place", to="up")
    as_ada.post(f"/settings/choices/{id}/place", data={"to": "up"})
    assert "The order was changed in the meantime" in undone(as_ada, address)
    first = db.session.query(Choice).filter_by(list_key="order_status", position=0).first()
    assert first
    at_the_end = as_ada.post(f"/settings/choices/{first.id}/place", data={"to": "up"}, follow_redirects=True)
    assert "toast-undo" not in at_the_end.text


def test_a_field_that_was_added_is_taken_out_again(as_ada: FlaskClient) -> None:
    ribbon = {"subject": "order", "label": "Ribbon", "type": "text"}
    address = undo_after(as_ada, "/settings/fields", **ribbon)
    assert "“Ribbon” is taken out again." in undone(as_ada, address)
    assert "Ribbon" not in text_of(as_ada.get("/settings/fields")).replace("“Ribbon colour”", "")
    address = undo_after(as_ada, "/settings/fields", **ribbon)
    id = db.session.query(CustomField).filter_by(removed_at=None).one().id
    as_ada.post(f"/settings/fields/{id}", data={"label": "Bow"})
    assert "“Bow” was renamed in the meantime" in undone(as_ada, address)
    as_ada.post(f"/settings/fields/{id}/removal")
    assert "This field is no longer there" in undone(as_ada, address)


def test_a_field_has_its_name_again(as_ada: FlaskClient) -> None:
    as_ada.post("/settings/fields", data={"subject": "order", "label": "Ribbon", "type": "text"})
    id = db.session.query(CustomField).one().id
    assert "For a day you can undo a rename" in text_of(as_ada.get("/settings/fields"))
    address = undo_after(as_ada, f"/settings/fields/{id}", label="Bow")
    assert "It is called “Ribbon” again." in undone(as_ada, address)
    assert audited(1) == ["undid renaming the order field “Ribbon” to “Bow”"]
    same = as_ada.post(f"/settings/fields/{id}", data={"label": "Ribbon"}, follow_redirects=True)
    assert "toast-undo" not in same.text


def test_a_field_that_was_removed_or_whose_name_is_taken_stays(as_ada: FlaskClient) -> None:
    undo_after(as_ada, "/settings/fields", subject="order", label="Ribbon", type="text")
    id = db.session.query(CustomField).one().id
    address = undo_after(as_ada, f"/settings/fields/{id}", label="Bow")
    as_ada.post("/settings/fields", data={"subject": "order", "label": "Ribbon", "type": "text"})
    assert "There is already a field called “Ribbon”." in undone(as_ada, address)
    removal = undo_in(as_ada.post(f"/settings/fields/{id}/removal", follow_redirects=True).text)
    assert "“Bow” is no longer there" in undone(as_ada, address)
    assert "“Bow” is back." in undone(as_ada, removal)


def test_only_who_may_save_a_setting_may_take_it_back(
    as_ada: FlaskClient, as_rosa: FlaskClient, as_mallory: FlaskClient
) -> None:
    address = undo_after(as_ada, "/settings/hours", **{"opens-6": "10:00", "closes-6": "14:00"})
    refused = as_rosa.get(address)
    assert refused.status_code == 403
    assert "Only an admin of Bloom & Wild St can do this." in text_of(refused)
    assert as_rosa.post(address).status_code == 403
    assert as_mallory.post(address).status_code == 404
    assert store().working_hours == {"6": ["10:00", "14:00"]}
