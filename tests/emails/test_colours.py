"""Whatever colour a store chooses, what is written on it and with it can be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.emails.colours import NIGHT, READABLE, WHITE, contrast, ink_on, is_colour, readable

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@given(COLOURS)
def test_the_words_of_a_button_can_be_read_on_every_colour(colour: str) -> None:
    assert contrast(ink_on(colour), colour) >= READABLE


@given(COLOURS, st.sampled_from([WHITE, NIGHT]))
def test_links_can_be_read_on_a_light_and_on_a_dark_ground(colour: str, ground: str) -> None:
    assert contrast(readable(colour, ground), ground) >= READABLE


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    assert readable("#2f6b57", WHITE) == "#2f6b57"


def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", WHITE) == pytest.approx(21)
    assert contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("text", ["", "#fff", "red", "#2F6B57", "#2f6b5g", "#2f6b57;", "url(x)", "#2f6b57\n"])
def test_nothing_else_is_a_colour(text: str) -> None:
    assert not is_colour(text)
