"""The people of a store. Its last admin can be neither removed nor given another role."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.models.access import audit, browser_sessions, password_tokens
from automations.models.access.password_hashing import Passwords, new_password
from automations.models.tables.people import Membership, User
from automations.models.tables.store import Store, locked

LAST_ADMIN = "A store needs at least one admin. Make someone else an admin first."


class TeamChangeRefused(ValueError):
    """`str(error)` is a sentence for the user."""


def members(session: Session, store_id: int) -> list[Membership]:
    """Return the memberships of a store by name, those without access last."""
    query = sa.select(Membership).join(Membership.user).where(Membership.store_id == store_id)
    order = (User.disabled_at.is_not(None), User.name, User.id)
    return list(session.scalars(query.order_by(*order).options(joinedload(Membership.user))))


def add(
    session: Session, store: Store, admin: User, name: str, email: str, role: str, passwords: Passwords
) -> bool:
    """Add a member, inside write(). Raises NotPossible.

    Return True for a new person, who is invited by email; False for someone who already has an account.
    """
    now, user = dt.datetime.now(dt.UTC), session.scalar(sa.select(User).where(User.email == email.lower()))
    is_new = user is None
    if user is None:
        # Nobody knows this password: the only way in is the link in the invitation.
        unknown = passwords.hash(secrets.token_urlsafe(32))
        user = User(email=email.lower(), name=name, password_hash=unknown, created_at=now)
        session.add(user)
        session.flush()
    elif any(
        membership.store_id == store.id for membership in browser_sessions.memberships(session, user.id)
    ):
        raise TeamChangeRefused(f"{user.name} with this email is in the team already.")
    session.add(Membership(user_id=user.id, store_id=store.id, role=role))
    if is_new:
        password_tokens.invite(session, user, store.id, admin, now)
    _note(session, admin, store.id, "invited" if is_new else "added", user, after={"role": role})
    return is_new


def invite_again(session: Session, admin: User, membership: Membership) -> None:
    """Send another invitation to someone who has not used theirs, inside write(). Raises NotPossible."""
    if membership.user_id not in password_tokens.pending_invitations(session, membership.store_id):
        raise TeamChangeRefused(f"{membership.user.name} has a password already.")
    _refuse_to_help_strangers(session, admin, membership)
    password_tokens.invite(session, membership.user, membership.store_id, admin, dt.datetime.now(dt.UTC))
    _note(session, admin, membership.store_id, "invited again", membership.user)


def change_role(session: Session, admin: User, membership: Membership, role: str) -> None:
    """Change the role, inside write(); the person has to sign in again. Raises NotPossible."""
    if role == membership.role:
        return
    _refuse_last_admin(session, membership)
    before, membership.role = membership.role, role
    browser_sessions.end(session, membership.user_id, dt.datetime.now(dt.UTC))
    _note(session, admin, membership.store_id, "changed role", membership.user, before, role)


def revoke_access(session: Session, admin: User, membership: Membership) -> None:
    """Take away access at once, inside write(). Raises NotPossible.

    Someone who also works in other stores leaves this one; anyone else stays listed as disabled.
    """
    _refuse_last_admin(session, membership)
    now, user, store_id = dt.datetime.now(dt.UTC), membership.user, membership.store_id
    has_others = len(browser_sessions.memberships(session, user.id)) > 1
    if has_others:
        session.delete(membership)
    else:
        user.disabled_at = now
    browser_sessions.end(session, user.id, now)
    _note(session, admin, store_id, "removed from the team" if has_others else "disabled", user)


def restore_access(session: Session, admin: User, membership: Membership) -> None:
    """Let someone sign in again, inside write()."""
    membership.user.disabled_at = None
    _note(session, admin, membership.store_id, "enabled", membership.user)


def reset_password(session: Session, admin: User, membership: Membership, passwords: Passwords) -> str:
    """Give someone a new password and end their sessions, inside write(). Raises NotPossible."""
    if membership.user_id == admin.id:
        raise TeamChangeRefused("Your own password is changed under “Where you are signed in”.")
    _refuse_to_help_strangers(session, admin, membership)
    password, now = new_password(), dt.datetime.now(dt.UTC)
    password_tokens.void_all(session, membership.user_id, now)
    membership.user.password_hash, membership.user.password_given_at = passwords.hash(password), now
    browser_sessions.end(session, membership.user_id, now)
    _note(session, admin, membership.store_id, "gave a new password to", membership.user)
    return password


def may_reset_password(session: Session, admin_id: int, user_id: int) -> bool:
    """Return whether one person is an admin in every store the other works in.

    Otherwise, with the password of the other, the admin could enter stores of which they are no admin.
    """
    administered = {
        membership.store_id
        for membership in browser_sessions.memberships(session, admin_id)
        if membership.role == "admin"
    }
    return {
        membership.store_id for membership in browser_sessions.memberships(session, user_id)
    } <= administered


def other_admins(session: Session, store_id: int, user_id: int) -> list[int]:
    """Return the ids of the admins of a store who can sign in, other than `user_id`."""
    query = sa.select(Membership.user_id).join(User).where(User.disabled_at.is_(None))
    admins = query.where(Membership.store_id == store_id, Membership.role == "admin")
    return list(session.scalars(admins.where(Membership.user_id != user_id)))


def _refuse_to_help_strangers(session: Session, admin: User, membership: Membership) -> None:
    if not may_reset_password(session, admin.id, membership.user_id):
        raise TeamChangeRefused(f"{membership.user.name} also works in a store where you are not an admin.")


def _refuse_last_admin(session: Session, membership: Membership) -> None:
    # Lock the store: two admins who demote each other at the same moment must not both succeed.
    locked(session, membership.store_id)
    other_admins_left = (
        sa.select(sa.func.count())
        .select_from(Membership)
        .join(User)
        .where(
            Membership.store_id == membership.store_id,
            Membership.role == "admin",
            Membership.id != membership.id,
            User.disabled_at.is_(None),
        )
    )
    if membership.role == "admin" and not session.scalar(other_admins_left):
        raise TeamChangeRefused(LAST_ADMIN)


def _note(
    session: Session,
    admin: User,
    store_id: int,
    action: str,
    person: User,
    before: object = None,
    after: object = None,
) -> None:
    audit.note(
        session,
        action=action,
        about=f"{person.name} ({person.email})",
        store_id=store_id,
        user_id=admin.id,
        before=before,
        after=after,
    )
