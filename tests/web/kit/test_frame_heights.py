"""The frame of an email is as high as its words need."""

from __future__ import annotations

from automations.emails.email_layout import EmailLayout, OrderTable
from automations.emails.email_look import look_from
from automations.web.kit.frame_heights import HIGHEST, LOWEST, STEP, frame_class
from tests.kit.source import ROOT

PLAIN = EmailLayout(look_from({"brand": "Bloom"}))


def steps(words: str, layout: EmailLayout = PLAIN) -> tuple[int, int]:
    wide, narrow = (int(name.partition("-")[2]) for name in frame_class(layout, words).split())
    return wide, narrow


def test_a_short_email_has_a_low_frame_and_a_long_one_scrolls() -> None:
    assert steps("Hello") == (4, 4)
    assert steps("word " * 80)[0] < steps("word " * 80)[1]
    assert steps("word\n" * 400) == (HIGHEST, HIGHEST)


def test_a_table_makes_it_higher() -> None:
    table = OrderTable(("Item", "Price"), [("Roses", "£1.00")] * 4, [], ("Total", "£4.00"))
    assert steps("Hello", EmailLayout(PLAIN.look, table=table))[0] - steps("Hello")[0] == 4


def test_each_step_has_its_rule() -> None:
    css = (ROOT / "static" / "css" / "components" / "email.css").read_text()
    for step in range(LOWEST, HIGHEST + 1):
        for name in ("wide", "narrow"):
            assert f".{name}-{step} {{ --{name}: {step * STEP // 16}rem; }}" in css
