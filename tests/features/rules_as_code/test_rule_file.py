"""Files of automations: the same text for the same automation, and what was written is read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.features.rules_as_code.rule_file import LARGEST, UnreadableFile, file_name, read, written
from automations.features.starters.gallery import STARTERS

# A line break of another system becomes a plain one in every YAML reader.
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\x85\u2028\u2029\ufeff"))
WORDS = st.sampled_from(
    ["on", "no", "Yes", "true", "null", "~", "40", "0040", "40.00", "09:00", "1e3", "- a", "#"]
)
LINES = st.lists(TEXTS | WORDS, min_size=1, max_size=4).map("\n".join)


def data_with(value: str, message: str) -> dict[str, Any]:
    return {
        "subject": "order",
        "trigger": {"key": "created", "from": None, "to": None},
        "conditions": [
            {"field": "number", "operator": "equals", "value": value},
            {
                "match": "any",
                "conditions": [{"field": "note", "operator": "is_one_of", "value": [value, "x"]}],
            },
        ],
        "actions": [
            {"kind": "send_email", "settings": {"to": "manager", "subject": value, "message": message}}
        ],
    }


@given(TEXTS | WORDS, LINES)
def test_every_text_is_read_back_as_it_was_written(value: str, message: str) -> None:
    data = data_with(value, message)
    text = written("Thanks", "", True, data)
    back = read("thanks.yaml", text.encode())
    assert (back.name, back.group, back.live, back.data) == ("Thanks", "", True, data)
    assert written(back.name, back.group, back.live, back.data) == text


@pytest.mark.parametrize("key", STARTERS)
def test_a_starter_is_the_same_after_a_round_trip(key: str) -> None:
    text = written("Starter", "Orders", False, STARTERS[key].data)
    back = read("starter.yaml", text.encode())
    assert written(back.name, back.group, back.live, back.data) == text


def test_a_file_reads_like_the_rule() -> None:
    text = written("Thanks", "Orders", True, data_with("12", "Hello,\n\nthank you."))
    assert text.splitlines()[:5] == [
        "name: Thanks",
        "group: Orders",
        "live: true",
        "subject: order",
        "trigger:",
    ]
    assert "      message: |-\n        Hello,\n\n        thank you.\n" in text
    assert "null" not in text


def test_numbers_typed_by_hand_are_the_texts_that_conditions_hold() -> None:
    content = b"name: A\nsubject: order\nconditions:\n- {field: total, operator: over, value: 40}\n"
    assert read("a.yaml", content).data["conditions"][0]["value"] == "40"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "does not hold an automation"),
        (b"- a\n", "does not hold an automation"),
        (b"name: A\nnam: B\n", "“nam” is not known here"),
        (b"name: true\n", "give the automation a name"),
        (b"name: A\nlive: on\n", "“live” is true or false"),
        (b"name: A\nname: B\n", "line 2: this can’t be read: “name” is here twice"),
        (b"name: [A\n", "line 2: this can’t be read"),
        (b"name: &a A\ngroup: *a\n", "line 2: this can’t be read: write it out"),
        (b"name: !!python/name:os.system x\n", "line 1: this can’t be read"),
        (b"name: \xff\n", "is not text in UTF-8"),
        (b"name: A\n" + b"#" * LARGEST, "the limit is 1,000,000"),
    ],
)
def test_a_file_that_is_no_automation_is_refused_with_what_to_change(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        read("wrong.yaml", content)
    assert said in str(refused.value)
    assert str(refused.value).startswith("wrong.yaml")


def test_names_of_files_are_free_and_plain() -> None:
    taken: set[str] = set()
    names = ["Thanks: big orders", "Thanks, big orders", "Ümläut & Söhne", "!!!"]
    assert [file_name(name, taken) for name in names] == [
        "thanks-big-orders.yaml",
        "thanks-big-orders-2.yaml",
        "ümläut-söhne.yaml",
        "automation.yaml",
    ]
