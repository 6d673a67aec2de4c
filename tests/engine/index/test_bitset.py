"""Sets of slots, as integers and as tuples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.engine.index.bitset import bits_of, size_of, slots_of, toggled


@given(st.sets(st.integers(0, 20_000), max_size=40))
def test_every_slot_of_a_wide_set_is_found_highest_first(slots: set[int]) -> None:
    assert slots_of(sum(1 << slot for slot in slots)) == sorted(slots, reverse=True)


@pytest.mark.parametrize("slots", [[], [0], [4095], [4096], [0, 4095, 4096, 8191, 8192]])
def test_slots_at_the_edges_of_a_window_are_found(slots: list[int]) -> None:
    assert slots_of(sum(1 << slot for slot in slots)) == slots[::-1]


@given(st.lists(st.integers(0, 30), max_size=60))
def test_toggling_keeps_exactly_the_slots_toggled_an_odd_number_of_times(slots: list[int]) -> None:
    kept: tuple[int, ...] | int = ()
    for slot in slots:
        kept = toggled(kept, slot)
    odd = {slot for slot in slots if slots.count(slot) % 2}
    assert set(slots_of(bits_of(kept))) == odd
    assert size_of(kept) == len(odd)
    assert bool(kept) == bool(odd)
