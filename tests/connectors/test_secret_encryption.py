from __future__ import annotations

import pytest

from automations.connectors.secret_encryption import SecretBox, SecretUnreadable


def test_a_secret_comes_back() -> None:
    box = SecretBox(["first key"])
    token = box.encrypt("p£ssword")
    assert "ssword" not in token
    assert box.decrypt(token) == "p£ssword"


def test_after_a_rotation_old_secrets_are_still_read() -> None:
    token = SecretBox(["old"]).encrypt("secret")
    assert SecretBox(["new", "old"]).decrypt(token) == "secret"


def test_a_rotated_secret_no_longer_needs_the_old_key() -> None:
    token = SecretBox(["new", "old"]).rotate(SecretBox(["old"]).encrypt("secret"))
    assert SecretBox(["new"]).decrypt(token) == "secret"


@pytest.mark.parametrize("token", ["", "rubbish", "é"])
def test_an_unreadable_secret_asks_to_be_entered_again(token: str) -> None:
    with pytest.raises(SecretUnreadable, match="Enter it again"):
        SecretBox(["key"]).decrypt(token)


def test_another_key_does_not_read_it() -> None:
    with pytest.raises(SecretUnreadable):
        SecretBox(["other"]).decrypt(SecretBox(["key"]).encrypt("secret"))


@pytest.mark.parametrize("keys", [[], [""], ["key", ""]])
def test_an_empty_key_is_refused(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one secret key"):
        SecretBox(keys)
