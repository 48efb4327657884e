"""Tokens: who may do what. Each has a name and scopes; only a digest of it is kept, in one file of the data folder."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from repartee.core.errors import BadInput, BadText
from repartee.core.private import write_private
from repartee.core.untrusted import read_json, read_text

FILE: Final = "tokens.json"
MOST: Final = 1000
"""Tokens of one assistant."""
MAX_BYTES: Final = 1_000_000
NAME: Final = re.compile(r"[\w][\w .-]{0,63}")


class Scope(StrEnum):
    LISTEN = "listen"
    """Have speech turned into text."""
    SPEAK = "speak"
    """Have text turned into speech."""
    ACT = "act"
    """Have sentences carried out, and see the home."""
    ADMIN = "admin"
    """Everything, with what was said before and the figures."""


ALL: Final = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody who was let in may do."""

    name: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope | None) -> bool:
        """None: whoever was let in may."""
        return scope is None or scope in self.scopes or Scope.ADMIN in self.scopes


WITHOUT_TOKENS: Final = Grant("", ALL)
"""Where no token is asked for."""


@dataclass(frozen=True, slots=True)
class Token:
    """As it is kept."""

    name: str
    digest: str
    """SHA-256 of the token, in hex: a token has 256 random bits, so that nothing slower is needed."""
    scopes: tuple[str, ...]
    made: float
    """Unix seconds."""

    @property
    def grant(self) -> Grant:
        return Grant(self.name, frozenset(map(Scope, self.scopes)))


class TokenFile:
    """The tokens of one assistant. Read again when it has changed, so that what is revoked is refused at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int, int] | None = None
        self._tokens: Mapping[str, Token] = {}

    def tokens(self) -> Mapping[str, Token]:
        """By name. Raises `BadInput` for a file that can't be read: then every token is refused."""
        stamp = self._now()
        if stamp != self._stamp:
            self._tokens = self._read() if stamp else {}
            self._stamp = stamp
        return self._tokens

    def add(self, name: str, scopes: Collection[Scope]) -> str:
        """A new token; it can't be shown a second time. Raises `BadInput` for a name that is taken or is none."""
        tokens = dict(self.tokens())
        if not NAME.fullmatch(name):
            raise BadInput(f"{name!r} is no name for a token: up to 64 letters, digits, spaces, dots and dashes")
        if name in tokens:
            raise BadInput(f"there is a token {name!r} already: revoke it first, or choose another name")
        if len(tokens) >= MOST:
            raise BadInput(f"there are {MOST} tokens: revoke some first")
        secret = secrets.token_urlsafe(32)
        tokens[name] = Token(name, digest(secret), tuple(sorted(scopes)), time.time())
        self._write(tokens)
        return secret

    def revoke(self, name: str) -> None:
        """Raises `BadInput` where there is none of this name."""
        tokens = dict(self.tokens())
        if tokens.pop(name, None) is None:
            raise BadInput(f"there is no token {name!r}; `repartee token list` shows all")
        self._write(tokens)

    def _now(self) -> tuple[int, int, int] | None:
        try:
            told = self.path.stat()
        except FileNotFoundError:
            return None
        return told.st_mtime_ns, told.st_size, told.st_ino

    def _read(self) -> dict[str, Token]:
        try:
            return {token.name: token for token in _tokens(read_json(read_text(self.path, MAX_BYTES)))}
        except (BadText, KeyError, TypeError, ValueError) as error:
            raise BadInput(f"{self.path} can't be read as a list of tokens: {error}") from error

    def _write(self, tokens: Mapping[str, Token]) -> None:
        """Whole or not at all, for this user only."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        write_private(new, json.dumps([asdict(token) for token in tokens.values()], indent=1))
        new.replace(self.path)


class Access:
    """Whom a token lets in. Where there is none at all, none is asked for."""

    def __init__(self, token: str | None = None, kept: TokenFile | None = None) -> None:
        """`token`: the one of the settings, for everything."""
        self._all = Token("settings", digest(token), (Scope.ADMIN,), 0.0) if token else None
        self._kept = kept

    @property
    def asked(self) -> bool:
        """Whether a token is asked for."""
        return self._all is not None or bool(self._kept and self._kept.tokens())

    def of(self, secret: str) -> Grant | None:
        """What this token grants; None: it is none."""
        told = digest(secret)
        return next((token.grant for token in self._known() if hmac.compare_digest(token.digest, told)), None)

    def pass_of(self, secret: str) -> str:
        """The cookie's value for a token: proves it without being it."""
        return _pass(digest(secret))

    def of_pass(self, cookie: str) -> Grant | None:
        said = cookie.encode()
        known = (token for token in self._known() if hmac.compare_digest(_pass(token.digest).encode(), said))
        return next((token.grant for token in known), None)

    def _known(self) -> Iterator[Token]:
        if self._all:
            yield self._all
        if self._kept:
            yield from self._kept.tokens().values()


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _pass(kept: str) -> str:
    return hmac.new(kept.encode(), b"repartee page", hashlib.sha256).hexdigest()


def _tokens(rows: Any) -> Iterator[Token]:
    for row in rows:
        scopes = tuple(Scope(scope) for scope in row["scopes"])
        yield Token(str(row["name"]), str(row["digest"]), scopes, float(row["made"]))
