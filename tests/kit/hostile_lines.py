"""What wants to be a line of its own in a log, or to command the terminal that shows it."""

from __future__ import annotations

import json
import re

#: Ends a line for somebody: for files, for terminals, for Unicode.
BREAKS = ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029")
#: Clears the screen, colours, sets the title, rings, goes back, turns the direction, is no character.
COMMANDS = (
    *("\x1b[2J", "\x1b[31m", "\x1b]0;owned\x07", "\x9b2J", "\x1b[1A\x1b[2K", "\x08\x08\x08", "\x7f", "\x00"),
    *("\u202e", "\u2066", "\u200b", "\ufeff", "\ud800", "\udc9b", "\ue000", "\x90q\x9c"),
)
NAME, EMAIL, PHONE = "Wilhelmina Okonkwo", "wilhelmina@canary.example", "+44 20 7946 0123"
TOKEN = "sa_live_9f8Kq2LmZx71PpQvRt55WwYyAaBbCcDd"
CANARIES = (NAME, "Wilhelmina", "Okonkwo", EMAIL, "canary", PHONE, "7946 0123", TOKEN, "9f8Kq2LmZx")
#: A line as ours look, in both formats.
FORGED = (
    f"2026-11-22 10:00:00 automations.web ERROR forged of {EMAIL}",
    f'{{"at": "2026-11-22T10:00:00+00:00", "level": "ERROR", "message": "forged of {EMAIL}"}}',
)
VALUES = tuple(f"10482{odd}{line}" for odd in (*BREAKS, *COMMANDS) for line in FORGED)
_HEAD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [\w.]+ [A-Z]+ ")


def records(written: str, kind: str) -> int:
    """How many records a log holds; fails where it holds anything else."""
    assert [one for one in written if not one.isprintable() and one != "\n"] == [], written
    assert [canary for canary in CANARIES if canary in written] == [], written
    lines = written.splitlines()
    if kind == "json":
        assert all(json.loads(line).keys() >= {"at", "level", "logger", "message"} for line in lines)
        return len(lines)
    # What belongs to the line above is moved in.
    heads = [line for line in lines if not line.startswith("  ")]
    assert [line for line in heads if not _HEAD.match(line)] == [], written
    return len(heads)
