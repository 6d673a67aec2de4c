"""The store's own fields: in the API, in rules, in the log, and how long they stay."""

from __future__ import annotations

import json
from typing import Any

import pytest

from automations.features.authoring import custom_field_edits
from automations.features.history import record_log
from automations.models.db.base import db, run_in_write, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.custom_field import CustomField
from automations.models.tables.order import Order
from automations.models.tables.people import User
from automations.models.tables.store import Store
from automations.pipeline.intake import reading, take_records
from automations.pipeline.intake.reading import IntakeRefused
from tests.kit import shop
from tests.world import NOW

pytestmark = pytest.mark.usefixtures("app")


def add(label: str = "Ribbon colour", type: str = "choice", choices: str = "Red\nDark blue") -> int:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        return custom_field_edits.add(session, store, user, "order", label, type, choices)[0].id


def remove(id: int) -> None:
    with write() as session:
        row = session.get_one(CustomField, id)
        user = session.query(User).filter_by(email="rosa@bloom.example").one()
        custom_field_edits.remove(session, session.get_one(Store, row.store_id), user, row, NOW)


def send(bloom: Store, **values: Any) -> None:
    words = StoreWords(db.session(), bloom)
    item = reading.reader("order", words)({"number": "10482", **values})
    run_in_write(lambda session: take_records.take(session, bloom, "order", [item], shop.TILL, NOW, words))


def fired() -> int:
    return len(shop.runs())


def test_a_condition_on_a_custom_field_is_evaluated_and_logged(bloom: Store) -> None:
    add()
    shop.publish_automation("Red", "created", shop.condition("custom.ribbon_colour", "equals", "red"))
    send(bloom, custom={"Ribbon colour": "RED"})
    assert fired() == 1
    order = db.session.query(Order).one()
    words = StoreWords(db.session(), bloom)
    (entry,) = record_log.log_for_record(db.session(), bloom, words, "order", order.id).entries
    assert [chip.text for chip in entry.verdicts[0].chips] == ["Ribbon colour is Red"]


def test_omitted_fields_stay_and_null_empties(bloom: Store) -> None:
    add()
    add("Stems", "number", "")
    send(bloom, custom={"ribbon_colour": "red", "stems": 12})
    send(bloom, custom={"stems": None})
    assert db.session.query(Order).one().custom == {"ribbon_colour": "red"}
    assert shop.occurrences()[-1].moment["previous"] == {"custom.stems": "12"}


@pytest.mark.parametrize(
    ("custom", "sentence"),
    [
        ({"ribbon_colour": "green"}, "Needs one of Red and Dark blue, not “green”."),
        ({"colour": "red"}, "Use one of ribbon_colour."),
        ("red", 'Needs an object, such as {"colour": "Red"}.'),
    ],
)
def test_an_unfit_value_is_refused_with_what_to_change(bloom: Store, custom: Any, sentence: str) -> None:
    add()
    read = reading.reader("order", StoreWords(db.session(), bloom))
    with pytest.raises(IntakeRefused) as refused:
        reading.read_one(json.dumps({"custom": custom}).encode(), read)
    assert [one.sentence for one in refused.value.problems] == [sentence]


def test_a_field_in_use_is_not_removed_and_an_unused_one_stays_known_to_the_log(bloom: Store) -> None:
    id = add()
    automation = shop.publish_automation(
        "Red", "created", shop.condition("custom.ribbon_colour", "equals", "red")
    )
    with pytest.raises(custom_field_edits.FieldEditRefused, match="Remove it from “Red” first"):
        remove(id)
    send(bloom, custom={"ribbon_colour": "dark_blue"})
    shop.publish_again(automation, "created")
    remove(id)
    order = db.session.query(Order).one()
    words = StoreWords(db.session(), bloom)
    (entry,) = record_log.log_for_record(db.session(), bloom, words, "order", order.id).entries
    assert entry.verdicts[0].chips[0].text == "Ribbon colour is Dark blue, needs Red"


def test_reusing_a_name_makes_another_field() -> None:
    remove(add())
    add()
    assert [row.key for row in db.session.query(CustomField).order_by(CustomField.id)] == [
        "ribbon_colour",
        "ribbon_colour_2",
    ]


@pytest.mark.parametrize("choices", ["Groß\nKlein\ngroß", "Red\nDark blue\nred"])
def test_entries_that_are_too_alike_are_named(choices: str) -> None:
    first, _, last = choices.split("\n")
    with pytest.raises(custom_field_edits.FieldEditRefused) as refused:
        add(choices=choices)
    assert str(refused.value) == f"“{first}” and “{last}” are too alike. Rename one of them."
