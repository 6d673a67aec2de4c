"""The three-way merge: what the shop changed is applied, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from automations.pipeline.sources.merging import STATUSES, merge, merge_tags
from automations.pipeline.sources.plain_values import plain_value

VALUES = st.dictionaries(
    st.sampled_from(["status", "payment_status", "note", "total"]), st.sampled_from(["a", "b", "c"])
)
TAGS = st.lists(st.sampled_from("abcdef"), unique=True)


@given(said=VALUES, ours=VALUES)
def test_what_is_sent_again_changes_nothing(said: dict[str, Any], ours: dict[str, Any]) -> None:
    merged = merge(said, said, ours)
    assert (merged.values, merged.conflicts) == ({}, {})


@given(said=VALUES, theirs=VALUES, ours=VALUES)
def test_every_change_of_the_shop_is_applied_or_shown(
    said: dict[str, Any], theirs: dict[str, Any], ours: dict[str, Any]
) -> None:
    merged = merge(said, theirs, ours)
    for name, value in theirs.items():
        if value in (said.get(name), ours.get(name)):
            assert name not in merged.values and name not in merged.conflicts
        elif name in said and ours.get(name) != said[name]:
            assert merged.conflicts[name]["kept"] == ("ours" if name in STATUSES else "theirs")
            assert (name in merged.values) == (name not in STATUSES)
        else:
            assert merged.values[name] == value and name not in merged.conflicts


@given(said=TAGS, theirs=TAGS, ours=TAGS)
def test_tags_of_staff_stay_and_those_of_the_shop_come_and_go(
    said: list[str], theirs: list[str], ours: list[str]
) -> None:
    merged = set(merge_tags(said, theirs, ours))
    assert merged == (set(ours) - (set(said) - set(theirs))) | (set(theirs) - set(said))


def test_amounts_that_mean_the_same_are_the_same() -> None:
    assert plain_value(Decimal("54.00")) == plain_value(Decimal(54)) == "54"
    assert merge({"total": "54"}, {"total": Decimal("54.00")}, {"total": Decimal("60.00")}).values == {}


def test_the_stores_own_fields_are_merged_one_by_one() -> None:
    merged = merge(
        {"custom": {"colour": "Red", "card": "Hi"}},
        {"custom": {"colour": "Blue", "card": "Hi"}},
        {"custom": {"colour": "Red", "card": "Hello"}},
    )
    assert (merged.values, merged.conflicts) == ({"custom": {"colour": "Blue"}}, {})
