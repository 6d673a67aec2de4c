"""Who is still to get a message that is tried again: asked anew, with the words of the first try.

Part of: perform. An address may have been corrected since. Whoever got the message, or may have got it,
gets it no second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from automations.actions.shared.action_kind import EMAIL, SMS, Prepared
from automations.actions.shared.outgoing_email import BCC, CC, MISSED, REPLY_TO, missed_by
from automations.pipeline.delivery.passed_copies import without
from automations.pipeline.runs.claimed_run import (
    NOT_EVERYONE,
    PARTLY,
    REFUSED,
    SENT,
    TRY_AGAIN,
    ClaimedRun,
    EarlierAttempt,
)

#: What the log adds where nobody new could be sent to.
CORRECT_IT = "Correct the address on the record, then try again."
#: The results of what did not leave.
NOT_SENT = (REFUSED, TRY_AGAIN)
#: What a message says of its addresses.
_ABOUT_ADDRESSES = (CC, BCC, MISSED, REPLY_TO)


def may_be_asked(run: ClaimedRun) -> bool:
    """Return whether these are messages of which some did not reach everyone."""
    earlier = run.earlier.values()
    channels = {Prepared.from_data(attempt.prepared).channel for attempt in earlier}
    is_message = bool(channels) and channels <= {EMAIL, SMS} and all(attempt.prepared for attempt in earlier)
    lacks_some = any(attempt.result in (PARTLY, *NOT_SENT) for attempt in earlier)
    return 0 in run.earlier and not run.prepared and is_message and lacks_some


def asked_anew(run: ClaimedRun, rendered: Sequence[Prepared]) -> tuple[ClaimedRun, dict[int, Prepared]]:
    """Return the run with what left of it so far, and its messages by place: those, and the missing ones.

    `rendered` are the messages as they would be written now, of which the addresses count.
    """
    left = {place: attempt for place, attempt in run.earlier.items() if attempt.result not in NOT_SENT}
    words = Prepared.from_data(run.earlier[0].prepared)
    missing, missed = _missing(rendered, left, words), missed_by(rendered[0].extra)
    if missing and missed:
        missing[0] = replace(missing[0], extra={**missing[0].extra, MISSED: list(missed)})
    messages = {place: Prepared.from_data(attempt.prepared) for place, attempt in left.items()}
    messages |= dict(zip(_places(run, missing), missing, strict=True))
    told = {place: replace(one, result=SENT) if one.result == PARTLY else one for place, one in left.items()}
    if missed and left and not missing:
        last = max(left)
        detail = " ".join([NOT_EVERYONE, *missed, CORRECT_IT])
        told[last] = replace(left[last], result=PARTLY, detail=detail)
    return replace(run, earlier=told), dict(sorted(messages.items()))


def _missing(
    rendered: Sequence[Prepared], left: Mapping[int, EarlierAttempt], words: Prepared
) -> list[Prepared]:
    have = {address for attempt in left.values() for address in _reached(attempt)}
    # A single recipient who got it has it, though their address may be another one by now.
    has_it = len(rendered) == 1 and bool(left)
    wanted = [] if has_it else [one for one in rendered if one.to.lower() not in have]
    copied = {
        name: [one for one in rendered[0].extra.get(name) or () if str(one).lower() not in have]
        for name in (CC, BCC)
    }
    beside = {name: rendered[0].extra[name] for name in (REPLY_TO,) if name in rendered[0].extra}
    letter = replace(words, extra={**without(words.extra, _ABOUT_ADDRESSES), **beside})
    missing = [replace(letter, to=one.to, to_name=one.to_name) for one in wanted]
    if not left:
        said = {name: addresses for name, addresses in copied.items() if addresses}
        return [replace(missing[0], extra={**letter.extra, **said}), *missing[1:]] if missing else []
    # Whoever the copy was of has it: it goes to each of these alone.
    alone = dict.fromkeys(str(one) for addresses in copied.values() for one in addresses)
    theirs = {one.to.lower() for one in missing}
    return missing + [replace(letter, to=one, to_name="") for one in alone if one.lower() not in theirs]


def _places(run: ClaimedRun, missing: Sequence[Prepared]) -> list[int]:
    """Return a place for each message: what is sent to an address again keeps its own, and its key."""
    known = {
        str(attempt.prepared["to"]).lower(): place
        for place, attempt in run.earlier.items()
        if attempt.result in NOT_SENT
    }
    places: list[int] = []
    for message in missing:
        free = max([*run.earlier, *places]) + 1
        places.append(known.pop(message.to.lower(), free))
    return places


def _reached(attempt: EarlierAttempt) -> set[str]:
    """Return the addresses that a message reached, in lower case."""
    extra = attempt.prepared.get("extra") or {}
    copied = [*(extra.get(CC) or ()), *(extra.get(BCC) or ())]
    return {str(one).lower() for one in (attempt.prepared["to"], *copied)} - {
        one.lower() for one in attempt.refused
    }
