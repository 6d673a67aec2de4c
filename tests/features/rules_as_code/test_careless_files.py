"""Files that a person edits in a hurry: what is wrong is said where it stands, and nothing is left out."""

from __future__ import annotations

import pytest

from automations.features.rules_as_code.export import exported
from automations.features.rules_as_code.file_words import place_words
from automations.features.rules_as_code.plan import plan_of
from automations.features.rules_as_code.rule_file import UnreadableFile, read
from automations.models.db.base import db
from automations.models.tables.store import Store
from tests.kit.shop import condition, publish_automation

pytestmark = pytest.mark.usefixtures("app")

EDITS: dict[str, tuple[str, str]] = {
    "a misspelt word of a condition": ("    operator:", "    oprator: equals\n    operator:"),
    "a misspelt setting": ("      subject:", "      betreff: Hello\n      subject:"),
    "a misspelt word of an action": ("  - kind:", "  - wait: 3\n    kind:"),
    "a misspelt word of the trigger": ("  key:", "  too: paid\n  key:"),
    "another case": ("name: Big ones", "name: BIG Ones"),
    "a long group": ("live: true", f"live: true\ngroup: {'g' * 61}"),
    "a wrong operator": ("operator: greater_than", "operator: more"),
}
SAID = {
    "a misspelt word of a condition": "condition 1: “oprator” is not known here; write",
    "a misspelt setting": "action 1, settings: “betreff” is not known here; write",
    "a misspelt word of an action": "action 1: “wait” is not known here; write",
    "a misspelt word of the trigger": "trigger: “too” is not known here; write",
    "another case": "There is “Big ones” already; write its name exactly so",
    "a long group": "Shorten the group to 60 characters; it has 61.",
    "a wrong operator": "condition 1, operator: Total can’t be compared with “more”",
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_in_a_hurry_is_named_where_it_stands(bloom: Store, edit: str) -> None:
    publish_automation("Big ones", "created", condition("total", "greater_than", "40.00"))
    (file,) = exported(db.session(), bloom)
    before, after = EDITS[edit]
    assert before in file.text
    plan = plan_of(db.session(), bloom, [read(file.file, file.text.replace(before, after, 1).encode())])
    assert not plan.ready and any(SAID[edit] in problem for problem in plan.steps[0].problems)


def test_what_is_exported_has_nothing_unread_for_another_store(bloom: Store) -> None:
    publish_automation("Big ones", "created", condition("total", "greater_than", "40.00"))
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    (file,) = exported(db.session(), bloom)
    (step,) = plan_of(db.session(), thorn, [read(file.file, file.text.encode())]).steps
    assert step.problems == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"name: Confirm: paid\n", "Put a text that holds a colon in quotes."),
        (b"name: A\ntrigger:\n\tkey: created\n", "Indent with spaces instead of tabs."),
        (b"name: A\nlive: True\n", "in small letters"),
    ],
)
def test_what_is_no_yaml_says_how_to_write_it(content: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        read("a.yaml", content)


def test_a_name_may_be_a_number() -> None:
    assert read("a.yaml", b"name: 42\n").name == "42"


PLACES: dict[str, str] = {
    "": "",
    "caps.per_hour": "caps, per_hour",
    "actions.0.settings.message": "action 1, settings, message",
    "conditions.1.conditions.0.value": "condition 2, condition 1, value",
}


@pytest.mark.parametrize("path", PLACES)
def test_a_path_is_told_in_words_of_the_file(path: str) -> None:
    assert place_words(path) == PLACES[path]
