"""Two verdicts side by side: every part of both rules has one row, and a row decides only where it does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from automations.engine.explain.explanation import explain
from automations.engine.fields.subjects import SUBJECTS
from automations.features.replay.compared import FAILED, HELD, paired, rows
from automations.features.replay.judged import NewVerdict
from tests.engine.shop_words import ShopWords
from tests.engine.strategies import TRIGGERED, facts, rules

_TRIGGERS = [(subject, trigger) for subject in TRIGGERED for trigger in SUBJECTS[subject].triggers]


@given(st.data())
def test_each_column_says_what_explain_says(data: st.DataObject) -> None:
    subject, trigger = data.draw(st.sampled_from(_TRIGGERS))
    found = data.draw(facts(subject))
    explained = [explain(data.draw(rules(subject, trigger, id)), found) for id in (1, 2)]
    left, right = (NewVerdict(one.fires, one) for one in explained)
    shown = rows(left, right, SUBJECTS[subject], ShopWords())
    for place, one in enumerate(explained):
        states = [row.cells[place].state for row in shown]
        assert (states.count(HELD), states.count(FAILED)) == (
            sum(verdict.holds for verdict in one.tree),
            sum(not verdict.holds for verdict in one.tree),
        )
        assert (FAILED not in states) is one.fires
    # What makes the difference holds in the one that fires and fails in the other.
    deciding = [row for row in shown if row.decides]
    assert bool(deciding) is (left.fires is not right.fires)
    for row in deciding:
        assert row.cells[int(bool(left.fires))].state == FAILED


@given(st.data())
def test_every_part_of_both_rules_is_in_exactly_one_pair(
    data: st.DataObject,
) -> None:
    subject, trigger = data.draw(st.sampled_from(_TRIGGERS))
    found = data.draw(facts(subject))
    left, right = (explain(data.draw(rules(subject, trigger, id)), found).tree for id in (1, 2))
    pairs = paired(left, right)
    assert [pair[0] for pair in pairs if pair[0] is not None] == list(left)
    assert sorted(map(id, (pair[1] for pair in pairs if pair[1] is not None))) == sorted(map(id, right))
    assert all(pair[0] is pair[1] or pair[0] == pair[1] for pair in paired(left, left))
