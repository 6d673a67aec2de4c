"""Which files emails may bring along, told by their names and their first bytes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from automations.connectors.plain_text import one_line
from automations.engine.operators.value_types import counted

LARGEST = 5 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_OFFICE = "application/vnd.openxmlformats-officedocument"
#: By the ending of the name: the media type, and how such a file begins; "" for text.
TYPES: Mapping[str, tuple[str, bytes]] = {
    "pdf": ("application/pdf", b"%PDF-"),
    "png": ("image/png", b"\x89PNG\r\n"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    "gif": ("image/gif", b"GIF8"),
    "docx": (f"{_OFFICE}.wordprocessingml.document", _ZIP),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _ZIP),
    "txt": ("text/plain", b""),
    "csv": ("text/csv", b""),
    "ics": ("text/calendar", b""),
}
_LONGEST_NAME = 100
_ODD = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


class UnusableFile(ValueError):
    """The file cannot be used; `str(error)` is a sentence for the reader."""


def file_name(name: str) -> str:
    """Return the name of an uploaded file as it can be sent: on one line, without a folder."""
    text = one_line(_ODD.sub(" ", name.replace("\\", "/").rpartition("/")[2]), 500).strip(" .")
    stem, dot, ending = text.rpartition(".")
    return f"{(stem or ending)[: _LONGEST_NAME - 6].strip()}{dot if stem else ''}{ending[:5] if stem else ''}"


def type_of(name: str, content: bytes) -> str:
    """Return the media type of a file. Raises UnusableFile."""
    if not content:
        raise UnusableFile("The file is empty. Choose another one.")
    if len(content) > LARGEST:
        raise UnusableFile(f"The file is {size_words(len(content))}; the limit is 5 MB.")
    ending = name.rpartition(".")[2].lower()
    if "." not in name or ending not in TYPES:
        known = ", ".join(TYPES)
        raise UnusableFile(f"“{name}” cannot be attached to an email. Choose one of these: {known}.")
    type, beginning = TYPES[ending]
    if not content.startswith(beginning) or (not beginning and not _is_text(content)):
        raise UnusableFile(f"“{name}” is not a real {ending.upper()} file. Save it again.")
    return type


def size_words(size: int) -> str:
    """Return a size as people say it: "820 kB", "1.4 MB"."""
    if size < 1_000_000:
        return f"{counted(max(1, round(size / 1000)))} kB"
    return f"{size / 1_000_000:,.1f} MB"


def _is_text(content: bytes) -> bool:
    try:
        return "\x00" not in content.decode("utf-8")
    except UnicodeDecodeError:
        return False
