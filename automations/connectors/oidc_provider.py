"""The OpenID Connect provider of this installation, and what a sign-in through it keeps meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

NOT_BELIEVED = "The sign-in provider's answer could not be verified, so nobody was signed in. Try again."


class NotIdentified(Exception):
    """`str(error)` is a sentence for the person."""


@dataclass(frozen=True, slots=True)
class Provider:
    """The provider as the operator configured it."""

    issuer: str
    client_id: str
    client_secret: str
    label: str


@dataclass(frozen=True, slots=True)
class StartedSignIn:
    """A sign-in under way: where the browser is sent, and the values its return is checked against."""

    url: str
    state: str
    nonce: str
    verifier: str
