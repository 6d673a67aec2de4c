"""Passwords: kept as Argon2id, checked in the same time whether the person exists or not."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

SHORTEST = 10
LONGEST = 200
#: From 0 to 4; 1 and below falls to a list of known passwords with a few variations tried.
WEAKEST = 2
#: The estimate takes longer with each character and changes little after these.
ESTIMATED = 72


class Passwords:
    """Hashes and checks. `parameters` are those of argon2.PasswordHasher."""

    def __init__(self, parameters: Mapping[str, int]) -> None:
        self._hasher = _hasher(tuple(sorted(parameters.items())))
        self._nobody = _hash_of_nobody(self._hasher)

    def hash(self, password: str) -> str:
        return self._hasher.hash(password)

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether `password` is the one that was kept. None (nobody) takes as long and is never right."""
        try:
            self._hasher.verify(kept or self._nobody, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether it was made with other parameters and should be made again."""
        return self._hasher.check_needs_rehash(kept)


def new_password() -> str:
    """A first password for a new person, easy to read aloud."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def problem_of(password: str, about: Sequence[str] = ()) -> str | None:
    """A sentence about a password that cannot be taken. `about` are words of hers: email, name, store."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters; a few words are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if zxcvbn(password[:ESTIMATED], user_inputs=_words(about))["score"] < WEAKEST:
        return "This password, or one much like it, is on the lists that are tried first. Use a few words."
    return None


def _words(about: Sequence[str]) -> list[str]:
    """The texts, their words, and the words written as one: rosa@bloom.example, rosa, rosalind."""
    split = [re.findall(r"\w+", text) for text in about]
    return [*about, *(word for words in split for word in words), *("".join(words) for words in split)]


@cache
def _hasher(parameters: tuple[tuple[str, int], ...]) -> PasswordHasher:
    given = dict(parameters)
    return PasswordHasher(
        time_cost=given["time_cost"], memory_cost=given["memory_cost"], parallelism=given["parallelism"]
    )


@cache
def _hash_of_nobody(hasher: PasswordHasher) -> str:
    return hasher.hash(secrets.token_hex(16))
