"""Actions that cannot work as the store is set up now, and who can mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared import request_parts
from automations.actions.shared.action_kind import text_of
from automations.connectors.host_allowlist import host_of
from automations.features.checks.check import Check, CheckPiece, LinkTarget, place_of, sentence
from automations.features.checks.others import reached
from automations.models.settings import email_server, providers
from automations.models.tables.people import Membership, User
from automations.models.tables.secret import Secret
from automations.models.tables.store import Store
from automations.pipeline.delivery import closed_endpoints

Data = Mapping[str, Any]
_SECRETS, _SMS, _EMAIL, _CHAT = "secret_settings", "sms_settings", "email_settings", "chat_settings"


class _Mender:
    """Who can change the settings of the store, looked up once something has to be mended."""

    def __init__(self, session: Session, store_id: int) -> None:
        self._session, self._store_id = session, store_id

    @cached_property
    def names(self) -> tuple[str, ...]:
        return _admins(self._session, self._store_id)

    def details(self, page: str, label: str) -> tuple[CheckPiece, ...]:
        """Return "Only an admin can set it: Ada Quill." to those who cannot, the link to others."""
        who = (
            f"Only an admin can set it: {', '.join(self.names)}. "
            if self.names
            else "Only an admin can set it. "
        )
        unless = CheckPiece(who, LinkTarget("unless", page))
        return sentence(unless, CheckPiece(label, LinkTarget("settings", page)))


def unworkable(session: Session, store: Store, data: Data) -> Iterator[Check]:
    """Yield what keeps actions of a draft from working, one entry for each cause."""
    mender = _Mender(session, store.id)
    yield from _requests(session, store, data, mender)
    by_channel = _by_channel(data)
    if "sms" in by_channel and not _gateway(session, store.id):
        said = "Text messages stay in the Mailbox: no gateway is set up, so nobody gets them."
        yield _sender(said, mender.details(_SMS, "Text message settings"), by_channel["sms"])
    if "email" in by_channel and not email_server.is_set_up(session, store.id):
        said = "Emails stay in the Mailbox: no mail server is set up, so nobody gets them."
        yield _sender(said, mender.details(_EMAIL, "Email settings"), by_channel["email"])
    if chats := [n for n, one in _actions(data, "notify") if text_of(one, "also") in ("chat", "both")]:
        chat = providers.find(session, store.id, providers.CHAT)
        if chat is None or not chat.secret:
            said = "The notice in the chat can’t be sent: no chat is set up."
            yield _sender(said, mender.details(_CHAT, "Chat settings"), chats)


def not_sent(session: Session, store: Store, data: Data) -> list[Check]:
    """Return which messages of a draft or version nobody gets as the store is set up now."""
    return [check for check in unworkable(session, store, data) if check.kind == "sender"]


def _sender(said: str, details: tuple[CheckPiece, ...], places: Sequence[int]) -> Check:
    return Check("sender", "warn", sentence(said), details, actions=tuple(places))


def _by_channel(data: Data) -> dict[str, list[int]]:
    """Return the places of the actions that reach someone by each channel."""
    places: dict[str, list[int]] = {}
    for place, action in enumerate(data.get("actions") or ()):
        for channel in {reach.channel for reach in reached({"actions": [action]})}:
            places.setdefault(channel, []).append(place)
    return places


def _requests(session: Session, store: Store, data: Data, mender: _Mender) -> Iterator[Check]:
    requests = _actions(data, "http_request")
    if not requests:
        return
    columns = sa.select(Secret.name, Secret.host).where(Secret.store_id == store.id)
    hosts: dict[str, str] = dict(session.execute(columns).all())
    closed = {entry.url for entry in closed_endpoints.closed(session, store.id)}
    for place, settings in requests:
        url = closed_endpoints.url_of(settings)
        host = host_of(url.partition("{")[0])
        named = f"request to {host}" if host else "request"
        for secret in _secrets(settings):
            said: tuple[CheckPiece, ...] = ()
            link = CheckPiece(named, place_of(("actions", place)))
            if secret not in hosts:
                said = sentence(
                    "The ", link, " needs the secret ", CheckPiece(secret, strong=True), ", which is not set."
                )
            elif hosts[secret] and hosts[secret].lower() != host.lower():
                only = f", which may only be sent to {hosts[secret]}."
                said = sentence("The ", link, " needs the secret ", CheckPiece(secret, strong=True), only)
            if said:
                yield Check("secret", "stop", said, mender.details(_SECRETS, "Secrets"), actions=(place,))
        if url in closed:
            link = CheckPiece(named, place_of(("actions", place)))
            gone = "It answered 410. Enter another address here, or switch it on again above."
            yield Check(
                "closed",
                "warn",
                sentence("The ", link, " is skipped: that address is gone for good."),
                sentence(gone),
                actions=(place,),
            )


def _actions(data: Data, kind: str) -> list[tuple[int, Data]]:
    actions = enumerate(data.get("actions") or ())
    return [(place, action.get("settings") or {}) for place, action in actions if action.get("kind") == kind]


def _secrets(settings: Data) -> list[str]:
    """Return the names of the secrets that a request uses, each once."""
    headers = request_parts.headers_of(text_of(settings, "headers"))
    named = [name for _, value in headers for name in request_parts.secrets_in(value)]
    return list(dict.fromkeys(filter(None, [*named, text_of(settings, "signed_with").strip()])))


def _gateway(session: Session, store_id: int) -> bool:
    sms = providers.find(session, store_id, providers.SMS)
    return sms is not None and bool(sms.settings.get("preset"))


def _admins(session: Session, store_id: int) -> tuple[str, ...]:
    """Return the names of the people who may change the settings of the store."""
    query = sa.select(User.name).join(Membership, Membership.user_id == User.id)
    admins = query.where(
        Membership.store_id == store_id, Membership.role == "admin", User.disabled_at.is_(None)
    )
    return tuple(session.scalars(admins.order_by(User.name)))
