"""A new key: all secrets get it, the old key still opens them meanwhile, and it may be interrupted."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.connectors.secret_encryption import SecretBox, SecretUnreadable
from automations.features.operations import key_rotation
from automations.models.db.base import db, write
from automations.models.tables.secret import Secret, keep
from automations.models.tables.store import Connection, Store
from tests.kit import source
from tests.world import NOW

OLD, NEW = "the key before " * 4, "the key from now on " * 4
COUNT = 7


@pytest.fixture
def kept(app: Flask, bloom: Store) -> None:
    """Secrets of every kind, encrypted with the old key."""
    box = SecretBox([OLD])
    with write() as session:
        for number in range(COUNT):
            keep(session, bloom.id, f"courier {number}", f"first {number}", "", box, NOW)
            keep(session, bloom.id, f"courier {number}", f"token {number}", "", box, NOW)
        settings = {"host": "mail.example"}
        for kind in ("smtp", "chat"):
            given = {"kind": kind, "settings": settings, "secret": box.encrypt(kind), "updated_at": NOW}
            session.add(Connection(store_id=bloom.id, **given))
        session.add(Connection(store_id=bloom.id, kind="sms", settings=settings, updated_at=NOW))


def opened(*keys: str) -> list[str]:
    box = SecretBox(list(keys))
    db.session.rollback()
    return [box.decrypt(token) for token in tokens()]


def tokens() -> list[str]:
    columns = [getattr(table, name) for table, name in key_rotation.ENCRYPTED]
    return [
        token
        for one in columns
        for token in db.session.scalars(sa.select(one).order_by(one.class_.id))
        if token
    ]


@pytest.mark.usefixtures("kept")
def test_all_secrets_get_the_new_key_and_the_old_opens_none() -> None:
    before = opened(OLD)
    found = key_rotation.rotate([NEW, OLD], at_once=3)
    assert (found.renewed, found.fresh, found.unreadable) == (2 * COUNT + 2, 0, [])
    assert opened(NEW) == before
    with pytest.raises(SecretUnreadable):
        opened(OLD)


@pytest.mark.usefixtures("kept")
def test_an_interrupted_rotation_can_be_read_with_both_keys_and_continued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, renew = opened(OLD), key_rotation._renew
    for stop_after in range(1, 2 * COUNT + 2, 3):
        left = iter(range(stop_after))

        def stops(*given: Any, left: Any = left) -> None:
            next(left)
            renew(*given)

        monkeypatch.setattr(key_rotation, "_renew", stops)
        with pytest.raises(StopIteration):
            key_rotation.rotate([NEW, OLD], at_once=1)
        assert opened(NEW, OLD) == before
    monkeypatch.setattr(key_rotation, "_renew", renew)
    found = key_rotation.rotate([NEW, OLD], at_once=2)
    assert found.fresh > 0 and found.renewed + found.fresh == len(before)
    assert opened(NEW) == before


def test_a_secret_that_no_key_opens_is_named_and_left(app: Flask, kept: None, bloom: Store) -> None:
    with write() as session:
        lost = session.query(Secret).first()
        lost.value = SecretBox(["a key that is gone"]).encrypt("x")
        id, token = lost.id, lost.value
    found = key_rotation.rotate([NEW, OLD])
    assert found.unreadable == [("secret", id)]
    assert db.session.get_one(Secret, id).value == token


@pytest.mark.usefixtures("kept")
def test_the_command_says_how_many_and_whether_the_old_key_may_go(app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setitem(app.config, "SECRET_KEY", NEW)
    runner = app.test_cli_runner()
    without = runner.invoke(args=["rotate-key"])
    assert without.exit_code == 1 and "none of the keys decrypts it" in without.output
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [OLD])
    done = runner.invoke(args=["rotate-key"])
    assert done.exit_code == 0 and f"Newly encrypted with this key: {2 * COUNT + 2:,} secrets" in done.output
    again = runner.invoke(args=["rotate-key"])
    assert again.exit_code == 0 and f"{2 * COUNT + 2} already were" in again.output
    assert NEW not in done.output and "token" not in done.output


#: Where secrets are encrypted before they are kept; each has its columns in `rotate.ENCRYPTED`.
PLACES = {
    "automations/models/settings/email_server.py",
    "automations/models/settings/providers.py",
    "automations/models/tables/secret.py",
    "automations/models/settings/webhook_endpoints.py",
    "automations/models/settings/shop_connections.py",
    "automations/features/operations/password_emails.py",
}


def test_every_place_that_encrypts_is_known() -> None:
    found = {one.name for one in source.product() if ".encrypt(" in one.path.read_text(encoding="utf-8")}
    assert found - {"automations/connectors/secret_encryption.py"} == PLACES


def test_every_encrypted_column_is_rotated() -> None:
    tables = {table.__tablename__ for table, _ in key_rotation.ENCRYPTED}
    assert tables == {"connection", "secret", "sign_in_link", "inbound_hook", "shop_connection"}
    assert all(hasattr(table, name) for table, name in key_rotation.ENCRYPTED)
