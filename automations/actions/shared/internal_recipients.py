"""The people of the store an action is for: a role or one person, by the keys of `recipients`."""

from __future__ import annotations

from collections.abc import Sequence

from automations.actions.shared.action_kind import Situation
from automations.actions.shared.recipients import ROLES, is_person

CHOICES: Sequence[tuple[str, str]] = tuple(
    (key, ROLES[key].label) for key in ("manager", "admin", "viewer", "team")
)


def is_known(who: str) -> bool:
    """Whether `who` is a role or one person ("user:7")."""
    return who in ROLES or is_person(who)


def phrase(who: str) -> str:
    """Return "the managers" or "a team member"; "…" while nobody is chosen."""
    if who in ROLES:
        return ROLES[who].phrase
    return "a team member" if is_person(who) else "…"


def names(who: str, situation: Situation) -> str:
    """Return the names of the people meant, "Rosa Lind, Ada Quill"; "" if there is nobody."""
    keys = ROLES[who].roles if who in ROLES else (who,)
    contacts = [contact for key in keys for contact in situation.team.get(key, ())]
    by_address = {contact.address: contact.name or contact.address for contact in contacts}
    return ", ".join(by_address.values())
