"""Who is still to get a message that is tried again: asked anew, with the words of the first try.

Part of: perform. An address may have been corrected since. Whoever got the message, or may have got it,
gets it no second time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from automations.actions.shared.action_kind import EMAIL, SMS, Prepared
from automations.actions.shared.outgoing_email import BCC, CC, MISSED, REPLY_TO, missed_by
from automations.actions.shared.recipients import CUSTOMER
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
#: What it adds of an address that may be the new one of someone who has it: nothing is sent twice.
UNCLEAR = (
    "It was not sent to {}, which may be the new address of someone who got it already. If it is not, write"
    " to them yourself."
)
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
    tried = {_to(attempt) for attempt in run.earlier.values() if attempt.result in NOT_SENT}
    tried |= {one.lower() for attempt in run.earlier.values() for one in attempt.refused}
    receivers = _still_missing(rendered, left, tried, run.settings.get("to") == CUSTOMER)
    missing = _letters(rendered, receivers, Prepared.from_data(run.earlier[0].prepared), bool(left))
    wrong = missed_by(rendered[0].extra)
    missed = [*wrong, *map(UNCLEAR.format, receivers.unclear)]
    if missing and missed:
        missing[0] = replace(missing[0], extra={**missing[0].extra, MISSED: missed})
    messages = {place: Prepared.from_data(attempt.prepared) for place, attempt in left.items()}
    messages |= dict(zip(_places(run, missing), missing, strict=True))
    told = {place: replace(one, result=SENT) if one.result == PARTLY else one for place, one in left.items()}
    if missed and left and not missing:
        last = max(left)
        detail = " ".join([NOT_EVERYONE, *missed, *([CORRECT_IT] if wrong else ())])
        told[last] = replace(left[last], result=PARTLY, detail=detail)
    return replace(run, earlier=told), dict(sorted(messages.items()))


@dataclass(frozen=True, slots=True)
class _Receivers:
    """Who is still to get it, and whose address is new where someone who got it has another by now."""

    to: list[Prepared]
    copies: Mapping[str, list[str]]
    unclear: list[str]


def _still_missing(
    rendered: Sequence[Prepared],
    left: Mapping[int, EarlierAttempt],
    tried: Collection[str],
    is_to_customer: bool,
) -> _Receivers:
    """`tried` are the addresses that a message, or its copy, was for and that did not get it."""
    got_to, got_copy = (
        {_to(one) for one in left.values()},
        {who for one in left.values() for who in _copied(one)},
    )
    have, to = got_to | got_copy, {one.to.lower() for one in rendered}
    copies = {name: [str(one) for one in rendered[0].extra.get(name) or ()] for name in (CC, BCC)}
    present = to | {one.lower() for of_name in copies.values() for one in of_name}

    def may_have_it(address: str, got: set[str]) -> bool:
        return not got <= present and address.lower() not in tried

    unclear = [one.to for one in rendered if one.to.lower() not in have and may_have_it(one.to, got_to)]
    # The customer who got it has it, though their address is another one by now.
    of_other = [] if is_to_customer else unclear
    fresh = {name: [one for one in of_name if one.lower() not in have] for name, of_name in copies.items()}
    doubted = [one for of_name in fresh.values() for one in of_name if may_have_it(one, got_copy)]
    return _Receivers(
        to=[one for one in rendered if one.to.lower() not in have and one.to not in unclear],
        copies={name: [one for one in of_name if one not in doubted] for name, of_name in fresh.items()},
        unclear=list(dict.fromkeys([*of_other, *doubted])),
    )


def _letters(
    rendered: Sequence[Prepared], receivers: _Receivers, words: Prepared, is_begun: bool
) -> list[Prepared]:
    """Return a message in the words of the first try for each; `is_begun`: someone has it."""
    beside = {name: rendered[0].extra[name] for name in (REPLY_TO,) if name in rendered[0].extra}
    letter = replace(words, extra={**without(words.extra, _ABOUT_ADDRESSES), **beside})
    letters = [replace(letter, to=one.to, to_name=one.to_name) for one in receivers.to]
    if not is_begun:
        said = {name: addresses for name, addresses in receivers.copies.items() if addresses}
        return [replace(letters[0], extra={**letter.extra, **said}), *letters[1:]] if letters else []
    # Whoever the copy was of has it: it goes to each of these alone.
    alone = dict.fromkeys(one for addresses in receivers.copies.values() for one in addresses)
    theirs = {one.to.lower() for one in letters}
    return letters + [replace(letter, to=one, to_name="") for one in alone if one.lower() not in theirs]


def _places(run: ClaimedRun, missing: Sequence[Prepared]) -> list[int]:
    """Return a place for each message: what is sent to an address again keeps its own, and its key."""
    known = {_to(attempt): place for place, attempt in run.earlier.items() if attempt.result in NOT_SENT}
    places: list[int] = []
    for message in missing:
        free = max([*run.earlier, *places]) + 1
        places.append(known.pop(message.to.lower(), free))
    return places


def _to(attempt: EarlierAttempt) -> str:
    return str(attempt.prepared["to"]).lower()


def _copied(attempt: EarlierAttempt) -> set[str]:
    """Return the addresses that a copy reached, in lower case."""
    extra = attempt.prepared.get("extra") or {}
    copied = {str(one).lower() for name in (CC, BCC) for one in extra.get(name) or ()}
    return copied - {one.lower() for one in attempt.refused}
