"""Colours of emails and whether text can be read on them, by WCAG's contrast ratio."""

from __future__ import annotations

import re

WHITE, BLACK = "#ffffff", "#000000"
#: The card of an email in a mail program that is set to dark.
NIGHT = "#232827"
#: What text needs on its ground.
READABLE = 4.5
_HEX = re.compile(r"#[0-9a-f]{6}")
_STEPS = 50


def is_colour(text: str) -> bool:
    """Return whether `text` is a colour as six hexadecimal digits: "#2f6b57"."""
    return bool(_HEX.fullmatch(text))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(ground: str) -> str:
    """Return white wherever it can be read well enough, else black."""
    return WHITE if contrast(WHITE, ground) >= READABLE else BLACK


def readable(colour: str, ground: str) -> str:
    """Return `colour`, mixed with black or white until it can be read on `ground`."""
    target = "#000000" if _luminance(ground) > 0.18 else WHITE
    mixed = (_mix(colour, target, step / _STEPS) for step in range(_STEPS + 1))
    return next((one for one in mixed if contrast(one, ground) >= READABLE), target)


def _mix(one: str, other: str, share: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(start + (end - start) * share):02x}" for start, end in pairs)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
