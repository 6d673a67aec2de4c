"""Three readers of a mail's bytes, to ask whether a program at the other end sees what was written."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import compat32, default
from email.utils import parseaddr
from typing import Any

#: An encoded word of RFC 2047, as strictly as it is written there.
_WORD = re.compile(r"=\?utf-8\?([qb])\?([!->@-~]+)\?=")
_MAILBOX = re.compile(
    r"""(?: (?P<phrase>[^"<>,;:@()\[\]\\.]+) [ ] | "(?P<quoted>(?:[^"\\]|\\.)*)" [ ] )?
        (?P<open><)? (?P<address>[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+) (?(open)>)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Seen:
    """What a reader shows of a mail; sender and recipient are a name and an address."""

    subject: str
    sender: tuple[str, str]
    recipient: tuple[str, str]
    unsubscribe: str
    message_id: str


def by_the_library(raw: bytes) -> Seen:
    """Read with the email library's present reader.

    It shows a space between two neighbouring encoded words of a name, where RFC 2047 has none.
    """
    message: Any = message_from_bytes(raw, policy=default)
    people = []
    for header in ("From", "To"):
        (person,) = message[header].addresses
        people.append((person.display_name, person.addr_spec))
    found = (str(message[name] or "") for name in ("List-Unsubscribe", "Message-ID"))
    return Seen(str(message["Subject"]), *people, *found)


def by_the_older_library(raw: bytes) -> Seen:
    """Read with the email library's older reader, which shares no code with the present one."""
    message: Any = message_from_bytes(raw, policy=compat32)
    people = []
    for header in ("From", "To"):
        name, address = parseaddr(message[header])
        people.append((_decoded(name), address))
    found = (message[name] or "" for name in ("List-Unsubscribe", "Message-ID"))
    return Seen(_decoded(message["Subject"]), *people, *found)


def by_the_letter(raw: bytes) -> Seen:
    """Read as RFC 5322 and RFC 2047 say, and fail on anything that they do not allow."""
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii")
    for line in head.split("\r\n"):
        assert line.strip() and line.isprintable() and len(line) <= 998, line
        assert "=?" not in line or len(line) <= 76, line
        assert all(len(word) <= 75 for word in line.split() if word.startswith("=?")), line
    lines = re.sub(r"\r\n(?=[ \t])", "", head).split("\r\n")
    headers: Mapping[str, str] = {
        name: value.removeprefix(" ") for name, _, value in (line.partition(":") for line in lines)
    }
    assert len(headers) == len(lines)
    found = (headers.get(name, "") for name in ("List-Unsubscribe", "Message-ID"))
    return Seen(_joined(headers["Subject"]), _mailbox(headers["From"]), _mailbox(headers["To"]), *found)


READERS: tuple[Callable[[bytes], Seen], ...] = (by_the_library, by_the_older_library, by_the_letter)


def _decoded(text: str) -> str:
    return str(make_header(decode_header(re.sub(r"\r\n(?=[ \t])", "", text))))


def _joined(text: str) -> str:
    """Decode the encoded words, and drop the space between two of them."""
    close = re.sub(rf"({_WORD.pattern}) (?={_WORD.pattern})", r"\1", text)
    assert "=?" not in _WORD.sub("", close), text
    return _WORD.sub(lambda match: _word(match[1], match[2]), close)


def _word(letter: str, text: str) -> str:
    if letter == "b":
        return base64.b64decode(text, validate=True).decode()
    # In a name nothing else may stand as itself.
    assert re.fullmatch(r"(?:[A-Za-z0-9!*+/_-]|=[0-9A-F]{2})+", text), text
    return binascii.a2b_qp(text, header=True).decode()


def _mailbox(value: str) -> tuple[str, str]:
    match = _MAILBOX.fullmatch(value)
    assert match, value
    quoted = match["quoted"]
    name = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else _joined(match["phrase"] or "")
    return name, match["address"]
