"""Passwords: stored as Argon2id, checked in the same time whether or not the person exists."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 200
#: The lowest score accepted, from 0 to 4; below it a list of known passwords with a few variations suffices.
WEAKEST = 2
#: Characters estimated: each one takes more time, and those after these change the score little.
ESTIMATED = 72


class Passwords:
    """Hashes and verifies passwords. `parameters` are those of argon2.PasswordHasher."""

    def __init__(self, parameters: Mapping[str, int]) -> None:
        self._hasher = _hasher(tuple(sorted(parameters.items())))
        self._nobody = _hash_of_nobody(self._hasher)

    def hash(self, password: str) -> str:
        """Return the hash to store."""
        return self._hasher.hash(password)

    def matches(self, stored: str | None, password: str) -> bool:
        """Return whether `password` fits the stored hash. None (nobody) takes as long and never matches."""
        try:
            self._hasher.verify(stored or self._nobody, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return stored is not None

    def outdated(self, stored: str) -> bool:
        """Return whether the hash was made with other parameters and should be replaced."""
        return self._hasher.check_needs_rehash(stored)


def new_password() -> str:
    """Return a random password that is easy to read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def refusal_reason(password: str, about: Sequence[str] = ()) -> str | None:
    """Return why a password is refused, or None. `about` are personal words: email, name, store."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a few words are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    # Loaded at its first use: its lists take 12 MB.
    estimate = import_module("zxcvbn").zxcvbn(password[:ESTIMATED], user_inputs=_words(about))
    if estimate["score"] < WEAKEST:
        return "This password, or one much like it, is on the lists that are tried first. Use a few words."
    return None


def _words(about: Sequence[str]) -> list[str]:
    """Return the texts, their words, and the words joined: rosa@bloom.example, rosa, rosalind."""
    split = [re.findall(r"\w+", text) for text in about]
    return [*about, *(word for words in split for word in words), *("".join(words) for words in split)]


@cache
def _hasher(parameters: tuple[tuple[str, int], ...]) -> PasswordHasher:
    values = dict(parameters)
    return PasswordHasher(
        time_cost=values["time_cost"], memory_cost=values["memory_cost"], parallelism=values["parallelism"]
    )


@cache
def _hash_of_nobody(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_hex(16))
