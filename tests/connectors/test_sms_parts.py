from __future__ import annotations

import pytest

from automations.connectors.sms_parts import segments


@pytest.mark.parametrize(
    ("text", "alphabet", "count"),
    [
        ("", "GSM-7", 1),
        ("a" * 160, "GSM-7", 1),
        ("a" * 161, "GSM-7", 2),
        ("a" * 306, "GSM-7", 2),
        ("a" * 307, "GSM-7", 3),
        ("€" * 80, "GSM-7", 1),
        ("€" * 81, "GSM-7", 2),
        ("a" * 152 + "€" + "a" * 152, "GSM-7", 3),
        ("£é@Ω" * 40, "GSM-7", 1),
        ("ж" * 70, "UCS-2", 1),
        ("ж" * 71, "UCS-2", 2),
        ("🌷" * 35, "UCS-2", 1),
        ("🌷" * 36, "UCS-2", 2),
        ("`", "UCS-2", 1),
    ],
)
def test_a_text_has_the_right_alphabet_and_number_of_parts(text: str, alphabet: str, count: int) -> None:
    found = segments(text)
    assert (found.alphabet, found.count) == (alphabet, count)
    assert str(found) == ("1 part" if count == 1 else f"{count} parts")


SMALLER = "not in the alphabet of text messages: a part holds 70 characters, not 160."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Plain, £5 and €5", ""),
        ("a" * 133 + "−", f"“−” is {SMALLER} Without it, this would take 1 part."),
        ("don’t…", f"“’” and “…” are {SMALLER}"),
        ("a\u00a0b", f"“no-break space” is {SMALLER}"),
        ("абвгдеж", f"“а”, “б”, “в”, “г”, “д” and 2 more are {SMALLER}"),
    ],
)
def test_the_characters_that_make_parts_smaller_are_named(text: str, reason: str) -> None:
    assert segments(text).reason == reason
