"""A renamed entry of a list: messages that name it keep their meaning, and the list knows them."""

from __future__ import annotations

from typing import Any

import pytest

from automations.features.authoring import choice_lists, drafts
from automations.features.authoring.choice_uses import uses_of
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.people import User
from automations.models.tables.run import Message
from automations.models.tables.store import Choice, Store
from tests.kit import shop
from tests.kit.doing import perform_all

pytestmark = pytest.mark.usefixtures("app")
ASKS = [
    ("{% if order.status == 'Picked' %}yes{% endif %}", "yes"),
    ("{% if 'picked' == order.status %}yes{% endif %}", "yes"),
    ("{% if order.status != 'Picked' %}no{% else %}yes{% endif %}", "yes"),
    ("{% case order.status %}{% when 'Picked' %}yes{% else %}no{% endcase %}", "yes"),
    ("{% case order.status %}{% when 'Picked' or 'Packed' %}yes{% endcase %}", "yes"),
    (
        "{% case order.status %}{% when 'Confirmed' %}{% when 'Picked' %}yes{% when 'Packed' %}{% endcase %}",
        "yes",
    ),
    ("{% if order.status contains 'Pick' %}yes{% endif %}", "yes"),
    ("{% if order.status == 'Packed' %}yes{% endif %}", "yes"),
    ("{% if order.status == 'Confirmed' %}yes{% else %}no{% endif %}", "no"),
]


def rename(label: str, to: str, list_key: str = "order_status") -> None:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        user = session.query(User).filter_by(email="ada@bloom.example").one()
        choice = session.query(Choice).filter_by(store_id=store.id, list_key=list_key, label=label).one()
        choice_lists.rename(session, store, user, choice, to)


def ada() -> User:
    return db.session.query(User).filter_by(email="ada@bloom.example").one()


def picked(list_key: str = "order_status", label: str = "Picked") -> Choice:
    choices = db.session.query(Choice).join(Store, Store.id == Choice.store_id)
    return choices.filter(
        Store.name == "Bloom & Wild St", Choice.list_key == list_key, Choice.label == label
    ).one()


def message(text: str) -> dict[str, Any]:
    return shop.email_to("manager", message=f"{text}.")


def sent() -> str:
    perform_all()
    db.session.rollback()
    return db.session.query(Message.body).order_by(Message.id).first()[0].removesuffix(".")


@pytest.mark.parametrize(("text", "body"), [asked for asked in ASKS if "Packed" not in asked[0]])
def test_what_is_live_keeps_its_meaning_after_a_renaming(text: str, body: str) -> None:
    shop.publish_automation("Tell", "created", actions=[message(text)])
    rename("Picked", "Packed")
    shop.place_order(status="picked")
    assert sent() == body


@pytest.mark.parametrize(("text", "body"), ASKS)
def test_a_version_published_after_the_renaming_may_use_either_name(text: str, body: str) -> None:
    rename("Picked", "Packed")
    shop.publish_automation("Tell", "created", actions=[message(text)])
    shop.place_order(status="picked")
    assert sent() == body


def test_a_message_shows_the_present_name() -> None:
    shop.publish_automation("Tell", "created", actions=[message("{{ order.status }}")])
    rename("Picked", "Packed")
    shop.place_order(status="picked")
    assert sent() == "Packed"


@pytest.mark.parametrize("text", [text for text, _ in ASKS if "'Picked'" in text])
def test_the_list_says_which_messages_use_an_entry(text: str) -> None:
    shop.draft_automation("Tell", "created", actions=[message(text)])
    assert [automation.name for automation in uses_of(db.session(), picked()).automations] == ["Tell"]


@pytest.mark.parametrize("kind", ["create_task", "notify", "send_sms", "http_request", "change_data"])
def test_the_texts_of_every_kind_of_action_are_looked_at(kind: str) -> None:
    text = "{% if order.status == 'Picked' %}Hurry{% endif %}"
    names = {"create_task": "title", "http_request": "body", "change_data": "value"}
    settings = {names.get(kind, "message"): text}
    shop.draft_automation("Tell", "created", actions=[{"kind": kind, "settings": settings}])
    assert [automation.name for automation in uses_of(db.session(), picked()).automations] == ["Tell"]


def test_an_entry_that_a_message_asks_for_is_not_removed(bloom: Store) -> None:
    shop.draft_automation("Tell", "created", actions=[message(ASKS[0][0])])
    with pytest.raises(choice_lists.ChoiceRefused, match="is in use"), write() as session:
        choice_lists.remove(session, session.get_one(Store, bloom.id), ada(), picked())


def test_a_removed_former_name_is_still_refused_for_another_entry(bloom: Store) -> None:
    rename("Picked", "Packed")
    with pytest.raises(choice_lists.ChoiceRefused, match="may still call “Packed”"), write() as session:
        choice_lists.add(session, session.get_one(Store, bloom.id), ada(), "order_status", "Picked")


@pytest.mark.parametrize(
    "text",
    [
        "{% if order.status == 'Pickd' %}x{% endif %}",
        "{% case order.status %}{% when 'Pickd' %}x{% endcase %}",
    ],
)
def test_a_name_that_no_list_has_is_refused_with_the_one_that_is_meant(text: str, bloom: Store) -> None:
    data = drafts.blank() | {
        "trigger": {"key": "created", "from": None, "to": None},
        "actions": [message(text)],
    }
    (problem,) = drafts.problems(StoreWords(db.session(), bloom), data)
    assert problem.path == "actions.0.settings.message"
    assert (
        "Order status is never “Pickd”" in problem.sentence or "Status is never “Pickd”" in problem.sentence
    )
    assert problem.sentence.endswith("Did you mean Picked?")


def test_the_sentence_of_an_automation_has_the_present_name(bloom: Store) -> None:
    change = {"kind": "change_data", "settings": {"field": "status", "value": "Picked"}}
    data = drafts.blank() | {"trigger": {"key": "created", "from": None, "to": None}, "actions": [change]}
    rename("Picked", "Packed")
    sentence = "".join(text for text, _ in drafts.in_words(StoreWords(db.session(), bloom), data))
    assert "set the status to “Packed”" in sentence
