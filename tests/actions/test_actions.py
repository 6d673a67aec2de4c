"""Requirements that every kind of action meets."""

from __future__ import annotations

import json
import types

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automations.actions import ACTIONS
from automations.actions.create_task import CreateTask
from automations.actions.send_email import SendEmail
from automations.actions.shared.action_kind import Action, Prepared, Skipped
from automations.actions.shared.action_registry import BrokenAction, only_action
from automations.actions.shared.inside_action import InsideAction
from automations.engine.fields.subjects import SUBJECTS
from tests.actions.situations import situation

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(["to", "address", "subject", "message"]) | st.text(max_size=8)
WORDS = st.sampled_from(
    ["customer", "manager", "team", "address", "user:1", "user:²", "{{ order.number }}", "{{"]
)
SETTINGS = st.dictionaries(NAMES, WORDS | JSON, max_size=5)

every_action = pytest.mark.parametrize("key", ACTIONS)


@every_action
def test_every_action_has_a_label_and_an_icon(key: str) -> None:
    assert ACTIONS[key].key == key
    assert ACTIONS[key].label[0].isupper()
    assert ACTIONS[key].icon


@every_action
def test_an_action_form_renders(key: str) -> None:
    form = ACTIONS[key].Form()
    for field in form:
        assert str(field.label.text)
        assert f'name="{field.name}"' in field()


@every_action
def test_an_action_form_names_only_fields_of_its_settings(key: str) -> None:
    form = ACTIONS[key].Form()
    conditions = {name for name, _ in form.shown_when.values()}
    assert {*form.template_fields, *form.shown_when, *conditions} <= set(form.data)


@every_action
def test_a_new_form_checks_into_problems_with_paths_of_its_fields(key: str) -> None:
    form = ACTIONS[key].Form()
    problems = ACTIONS[key].check(form.data, SUBJECTS["order"])
    assert {problem.path.removeprefix("settings.") for problem in problems} <= set(form.data)


@every_action
def test_an_action_summary_works_on_empty_settings(key: str) -> None:
    assert ACTIONS[key].summary({})
    assert ACTIONS[key].contacts_customer({}) is False


@pytest.mark.slow
@every_action
@given(given_settings=SETTINGS)
@settings(max_examples=150)
def test_an_action_handles_any_settings_without_crashing(key: str, given_settings: dict[str, object]) -> None:
    action = ACTIONS[key]
    assert action.summary(given_settings)
    assert action.contacts_customer(given_settings) in (True, False)
    assert all(
        problem.path.startswith("settings.") for problem in action.check(given_settings, SUBJECTS["order"])
    )
    try:
        assert action.prepare(given_settings, situation())
    except Skipped as skipped:
        assert skipped.reason


def test_a_prepared_message_survives_json() -> None:
    prepared = Prepared("send_email", "a@x.example", "A", "Subject", "Body", "b@x.example", "B")
    assert Prepared.from_data(json.loads(json.dumps(prepared.to_data()))) == prepared


def _module(name: str, **contents: object) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(contents)
    return module


def _kind(name: str, **attributes: object) -> type:
    return type("Kind", (SendEmail,), {"__module__": name, **attributes})


def test_a_module_without_an_action_stops_the_start() -> None:
    with pytest.raises(BrokenAction, match="exactly one action, and defines 0"):
        only_action(_module("nothing"), "nothing")


def test_a_module_with_two_actions_stops_the_start() -> None:
    module = _module("two", One=_kind("two", key="two"), Two=_kind("two", key="two"))
    with pytest.raises(BrokenAction, match="defines 2"):
        only_action(module, "two")


def test_an_action_whose_key_differs_from_its_file_prevents_the_start() -> None:
    with pytest.raises(BrokenAction, match="has to be “post_letter”"):
        only_action(_module("post_letter", Kind=_kind("post_letter", key="letter")), "post_letter")


def test_an_unfinished_action_stops_the_start() -> None:
    kind = type("Kind", (Action,), {"__module__": "half", "key": "half", "label": "Half", "icon": "mail"})
    with pytest.raises(BrokenAction, match="lacks Form, check, contacts_customer, perform"):
        only_action(_module("half", Kind=kind), "half")


def test_every_inside_action_has_its_effect() -> None:
    inside = {key for key, action in ACTIONS.items() if action.place == "inside"}
    assert inside == {key for key, action in ACTIONS.items() if isinstance(action, InsideAction)}
    assert {"change_data", "create_task", "notify"} <= inside


@pytest.mark.parametrize("part", ["apply", "preview"])
def test_an_inside_action_without_an_effect_or_its_preview_stops_the_start(part: str) -> None:
    attributes = {"__module__": "send_flowers", "key": "send_flowers", part: getattr(InsideAction, part)}
    with pytest.raises(BrokenAction, match=f"lacks {part}"):
        only_action(_module("send_flowers", Kind=type("Kind", (CreateTask,), attributes)), "send_flowers")


def test_an_action_that_only_says_it_is_inside_stops_the_start() -> None:
    kind = _kind("send_flowers", key="send_flowers", place="inside")
    with pytest.raises(BrokenAction, match="it is an InsideAction"):
        only_action(_module("send_flowers", Kind=kind), "send_flowers")


def test_an_effect_of_an_action_that_is_not_inside_stops_the_start() -> None:
    attributes = {"__module__": "notify", "key": "notify", "place": "outside"}
    with pytest.raises(BrokenAction, match="it is an InsideAction"):
        only_action(_module("notify", Kind=type("Kind", (CreateTask,), attributes)), "notify")
