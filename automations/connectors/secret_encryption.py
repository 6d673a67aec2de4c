"""Secrets at rest: encrypted with the first key, readable with any of them, so keys can be rotated.

The same keys sign values that this installation must recognise when they come back.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SecretUnreadable(ValueError):
    """No key decrypts the token: it was altered, or its key is gone."""


class SecretBox:
    """Encrypts and decrypts short texts. `keys` are strings from the environment, the newest first."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("Give at least one secret key, and no empty one.")
        self._signing = [_derive(key, b"signatures") for key in keys]
        self._fernet = MultiFernet([Fernet(_derive(key)) for key in keys])

    def encrypt(self, text: str) -> str:
        """Return `text` encrypted, as an ASCII token that is safe to store."""
        return self._fernet.encrypt(text.encode()).decode("ascii")

    def decrypt(self, token: str) -> str:
        """Return the text that `encrypt` was given. Raises SecretUnreadable."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise SecretUnreadable("The stored secret cannot be read. Enter it again.") from error

    def sign(self, text: str) -> str:
        """Return a signature of `text` that only this installation can make."""
        return _signature(self._signing[0], text)

    def is_signed(self, text: str, signature: str) -> bool:
        """Whether `sign` made this signature of `text`, with any of the keys."""
        candidate = signature.encode("utf-8", "replace")
        return any(hmac.compare_digest(_signature(key, text).encode(), candidate) for key in self._signing)

    def rotate(self, token: str) -> str:
        """Return the token re-encrypted with the newest key. Raises SecretUnreadable."""
        return self.encrypt(self.decrypt(token))


def _signature(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), "sha256").hexdigest()


def _derive(key: str, use: bytes = b"secrets at rest") -> bytes:
    derivation = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=use)
    return base64.urlsafe_b64encode(derivation.derive(key.encode()))
