"""Decides what ids and tokens look like: the only module that draws random numbers.

Shapes and families were measured on ids of the real API (facts billing 2).
"""

from __future__ import annotations

import hashlib
import random
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ALNUM = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
HEX = "0123456789abcdef"


def _table(alphabet: str) -> bytes:
    """Return what turns random bytes into characters of an alphabet; the first few come a little more often."""
    return "".join(alphabet[byte % len(alphabet)] for byte in range(256)).encode()


_TABLES = {alphabet: _table(alphabet) for alphabet in (ALNUM, UPPER, HEX)}
DRAWN = 1024  # characters drawn at once: a unit of work asks for a few at a time, twenty times

# Prefix + 14 characters, the first four of them a time group.
SHORT_FAMILY = frozenset({"cus", "prod", "si", "tax_li"})
# First character after the prefix: 3 for what moves money, 1 otherwise.
MONEY_FAMILY = frozenset({"pi", "ch", "txn", "re", "py", "pyr"})


def base62(number: int, width: int) -> str:
    """Return ``number`` in base 62, cut or padded to ``width`` characters."""
    out = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        out.append(ALNUM[digit])
    return "".join(reversed(out))


class Drawn:
    """Characters of one alphabet, drawn many at a time and given out one after the other."""

    __slots__ = ("_draw", "_table", "at", "ready")

    def __init__(self, draw: Callable[[int], bytes], alphabet: str) -> None:
        self._draw = draw
        self._table = _TABLES.get(alphabet) or _table(alphabet)
        self.ready, self.at = "", 0

    def text(self, length: int) -> str:
        """Return the next ``length`` characters."""
        at = self.at
        end = self.at = at + length
        if end > len(self.ready):
            self.ready = self._draw(max(DRAWN, length)).translate(self._table).decode()
            at, self.at = 0, length
            end = length
        return self.ready[at:end]


class IdSource:
    """Makes ids and secrets for one world; with a seed the same calls give the same ids."""

    __slots__ = ("_account_tail", "_drawn", "_heads", "_plain", "_random", "_secret", "_seed", "_time")

    def __init__(self, account: str, seed: str | None = None) -> None:
        self._account_tail = account[-10:]
        self._seed = seed
        self._random = random.Random(seed) if seed is not None else random.Random(secrets.randbits(128))
        self._plain = Drawn(self._random.randbytes, ALNUM)
        self._drawn: dict[str, Drawn] = {ALNUM: self._plain}
        self._secret: dict[str, Drawn] = {}
        self._time = -1
        self._heads: dict[
            str, tuple[str, int]
        ] = {}  # of the second ``_time``: what an id begins with, how much follows

    def apart(self, name: str) -> IdSource:
        """Return a source of the same account for what is drawn at no certain time: it leaves this one's ids as they are."""
        return self if self._seed is None else IdSource(self._account_tail, f"{self._seed}:{name}")

    def text(self, length: int, alphabet: str = ALNUM) -> str:
        """Return ``length`` random characters; not for secrets."""
        drawn = self._drawn.get(alphabet)
        if drawn is None:
            drawn = self._drawn[alphabet] = Drawn(self._random.randbytes, alphabet)
        return drawn.text(length)

    def secret(self, length: int, alphabet: str = ALNUM) -> str:
        """Return ``length`` unguessable characters (reproducible only when the world was given a seed)."""
        if self._seed is not None:
            return self.text(length, alphabet)
        drawn = self._secret.get(alphabet)
        if drawn is None:
            drawn = self._secret[alphabet] = Drawn(secrets.token_bytes, alphabet)
        return drawn.text(length)

    def id(self, prefix: str, now: int) -> str:
        """Return a new id of ``prefix`` in the family that the real API uses for it."""
        if now != self._time:
            self._time = now
            self._heads = {}
        found = self._heads.get(prefix)
        if found is None:
            found = self._heads[prefix] = self._head(prefix)
        plain, length = self._plain, found[1]
        drawn = plain.ready[plain.at : plain.at + length]  # as ``text`` does it, which is a call of its own
        if len(drawn) == length:
            plain.at += length
        else:
            drawn = plain.text(length)
        if prefix in MONEY_FAMILY:
            return f"{found[0]}{ord(drawn[0]) % 3}{drawn[1:]}"
        return found[0] + drawn

    def _head(self, prefix: str) -> tuple[str, int]:
        """Return what ids of a prefix begin with in this second, and how many random characters follow."""
        group = base62(self._time, 5)
        if prefix in SHORT_FAMILY:
            return f"{prefix}_{group[:4]}", 10
        if prefix == "req":
            return "req_", 14
        if prefix == "acct":
            return f"acct_1{group}", 10
        if prefix in MONEY_FAMILY:
            return f"{prefix}_3{group}{self._account_tail}", 8
        return f"{prefix}_1{group}{self._account_tail}", 8


def account_id(name: str) -> str:
    """Return the account id that belongs to a key's name: the same name has the same account on every server."""
    digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "big")
    return "acct_1" + base62(digest, 15)


class RequestIds:
    """Makes ids of requests."""

    __slots__ = ("_source",)

    def __init__(self, seed: str | None = None) -> None:
        self._source = IdSource("acct_" + "0" * 16, seed)

    def next(self) -> str:
        """Return a new request id."""
        return self._source.id("req", 0)  # no time is in it


def request_ids(seed: str | None = None) -> RequestIds:
    """Return the source of request ids of a server."""
    return RequestIds(seed)


def fingerprint(secret: str) -> str:
    """Return the hex sha256 of a secret, for keeping it at rest."""
    return hashlib.sha256(secret.encode()).hexdigest()


def application_of(account: str) -> str:
    """Return the id of the application with which a platform acts on its connected accounts."""
    return f"ca_{fingerprint(account)[:32]}"


def random_bytes(length: int) -> bytes:
    """Return unguessable bytes for process-wide secrets."""
    return secrets.token_bytes(length)
