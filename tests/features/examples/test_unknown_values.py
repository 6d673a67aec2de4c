"""A verdict with lost values is given only where no value could change it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from automations.engine.explain.explanation import explain
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.operators.value_types import missing
from automations.features.examples.unknown_values import certain, changed_keys, redacted_keys
from tests.engine.strategies import TRIGGERED, facts, rules

_TRIGGERS = [(subject, trigger) for subject in TRIGGERED for trigger in SUBJECTS[subject].triggers]


@given(st.data())
def test_no_other_value_of_what_was_lost_gives_another_verdict(data: st.DataObject) -> None:
    subject, trigger = data.draw(st.sampled_from(_TRIGGERS))
    rule = data.draw(rules(subject, trigger, 1))
    known, other = data.draw(facts(subject)), data.draw(facts(subject))
    chosen = data.draw(st.sets(st.sampled_from(sorted(SUBJECTS[subject].fields))))
    # Erasing leaves a word where one stood, so a lost value is never a missing one.
    lost = {key for key in chosen if not (missing(known.get(key)) or missing(other.get(key)))}
    changed = {key: other[key] if key.partition("@")[0] in lost else known[key] for key in known}
    verdict = certain(explain(rule, known).tree, lost)
    assert verdict in (None, explain(rule, changed).fires)
    if not lost:
        assert verdict is explain(rule, known).fires


def test_a_field_counts_as_lost_by_its_value_its_value_before_or_one_of_its_lines() -> None:
    subject = SUBJECTS["order"]
    before = {"snapshot": {"note": "For Zephi", "total": "1.00"}, "moment": None}
    before |= {"from_value": None, "to_value": None}
    after = before | {"snapshot": {"note": "For erased", "total": "1.00"}}
    assert changed_keys(subject, before, after) == redacted_keys(subject, after) == ["note"]
    lines = {"lines": [{"name": "Zephi’s roses", "sku": "R"}]}
    earlier = {"zone": "UTC", "working": True, "previous": {"note": "Zephi"}}
    before |= {"snapshot": lines, "moment": earlier}
    after = before | {"snapshot": {"lines": [{"name": "erased’s roses", "sku": "R"}]}}
    assert changed_keys(subject, before, after) == redacted_keys(subject, after) == ["line.name"]
    after |= {"moment": earlier | {"previous": {"note": "erased"}}}
    assert changed_keys(subject, before, after) == ["note", "line.name"]


def test_a_word_that_only_contains_the_word_for_erased_is_left_alone() -> None:
    moment = {
        "snapshot": {"note": "unerased, erasedly"},
        "moment": None,
        "from_value": None,
        "to_value": None,
    }
    assert redacted_keys(SUBJECTS["order"], moment) == []
