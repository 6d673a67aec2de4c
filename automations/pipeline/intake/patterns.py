"""Regular expressions that the API reads with and that its description shows, so that both say the same.

They keep to what JSON Schema, Python and JavaScript read alike: characters stand as they are, not escaped.
"""

from __future__ import annotations

import re
from collections.abc import Callable

#: The years of days and moments.
YEARS = range(1900, 2200)
YEAR = "^(19|20|21)"
TEXT = "^[^\0]*$"
#: In the path of an address these mean a folder.
DOTS = frozenset({".", ".."})
ONLY_DOTS = r"^[ \t\r\n]*\.{1,2}[ \t\r\n]*$"
#: A number that is part of an address: nowhere a folder, and nowhere two slashes or one at an end.
NO_PATH = r"(^|/)[ \t\r\n]*(\.{1,2}[ \t\r\n]*)?(/|$)"
#: The characters that may stand around a name; they are left out.
AROUND = " \t\r\n"
#: Characters nobody sees, or that turn others around: first and last of each range.
_UNSEEN = (
    (0x0, 0x1F),
    (0x7F, 0xA0),
    (0xAD, 0xAD),
    (0x600, 0x605),
    (0x61C, 0x61C),
    (0x6DD, 0x6DD),
    (0x70F, 0x70F),
    (0x890, 0x891),
    (0x8E2, 0x8E2),
    (0x1680, 0x1680),
    (0x180E, 0x180E),
    (0x2000, 0x200F),
    (0x2028, 0x202F),
    (0x205F, 0x206F),
    (0x3000, 0x3000),
    (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB),
    (0x110BD, 0x110BD),
    (0x110CD, 0x110CD),
    (0x13430, 0x1343F),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE007F),
)
_CLASS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _UNSEEN)


#: A name on one line that is not empty.
ONE_LINE = rf"^[ \t\r\n]*[^ {_CLASS}]([^{_CLASS}]*[^ {_CLASS}])?[ \t\r\n]*$"
_no_path = re.compile(NO_PATH).search


def is_path(number: str) -> bool:
    """Whether a number would lead elsewhere as part of an address."""
    return _no_path(number) is not None


def matcher(pattern: str) -> Callable[[str], object]:
    """Return a function that says whether a whole text matches."""
    # In Python, "$" also stands before a last line break.
    return re.compile(pattern.removesuffix("$") + r"\Z").match
