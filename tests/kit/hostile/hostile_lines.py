"""Values that try to start a log line of their own, or to send commands to a terminal."""

from __future__ import annotations

import json
import re

#: Line breaks of files, of terminals and of Unicode.
BREAKS = ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
#: Commands that clear the screen, colour, set the title, ring or move back; bidirectional and invalid
#: characters.
COMMANDS = (
    *("\x1b[2J", "\x1b[31m", "\x1b]0;title\x07", "\x9b2J", "\x1b[1A\x1b[2K", "\x08\x08\x08", "\x7f", "\x00"),
    *("\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\udc9b", "\ue000", "\x90q\x9c"),
)
NAME, EMAIL, PHONE = "Wilhelmina Okonkwo", "wilhelmina@canary.example", "+44 20 7946 0123"
TOKEN = "sa_live_9f8Kq2LmZx71PpQvRt55WwYyAaBbCcDd"
CANARIES = (NAME, "Wilhelmina", "Okonkwo", EMAIL, "canary", PHONE, "7946 0123", TOKEN, "9f8Kq2LmZx")
#: A forged line in each of our formats.
FORGED = (
    f"2026-11-22 10:00:00 automations.web ERROR forged of {EMAIL}",
    f'{{"at": "2026-11-22T10:00:00+00:00", "level": "ERROR", "message": "forged of {EMAIL}"}}',
)
VALUES = tuple(f"10482{odd}{line}" for odd in (*BREAKS, *COMMANDS) for line in FORGED)
_HEAD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [\w.]+ [A-Z]+ ")


def records(written: str, kind: str) -> int:
    """Return the number of records in a log of format `kind`; fail if it holds anything else."""
    assert [char for char in written if not char.isprintable() and char != "\n"] == [], written
    assert [canary for canary in CANARIES if canary in written] == [], written
    lines = written.splitlines()
    if kind == "json":
        assert all(json.loads(line).keys() >= {"at", "level", "logger", "message"} for line in lines)
        return len(lines)
    # Continuation lines are indented.
    heads = [line for line in lines if not line.startswith("  ")]
    assert [line for line in heads if not _HEAD.match(line)] == [], written
    return len(heads)
