"""Who in the store something is for: a role or one person, by the same keys as the recipients of email."""

from __future__ import annotations

from collections.abc import Sequence

from automations.actions.base import Situation
from automations.actions.recipients import ROLES, is_person

CHOICES: Sequence[tuple[str, str]] = tuple(
    (key, ROLES[key].label) for key in ("manager", "admin", "viewer", "team")
)


def is_known(who: str) -> bool:
    """Whether `who` is a role or one person ("user:7")."""
    return who in ROLES or is_person(who)


def phrase(who: str) -> str:
    """ "the managers", "a team member", "…" while nobody is chosen."""
    if who in ROLES:
        return ROLES[who].phrase
    return "a team member" if is_person(who) else "…"


def names(who: str, situation: Situation) -> str:
    """The names of the people meant now, "Rosa Lind, Ada Quill"; "" when there is nobody."""
    keys = ROLES[who].roles if who in ROLES else (who,)
    found = {one.address: one.name or one.address for key in keys for one in situation.team.get(key, ())}
    return ", ".join(found.values())
