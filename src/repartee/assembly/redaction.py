"""What may be told of a setting that is wrong: never a secret, wherever somebody put it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

LONGEST = 60
"""Characters of a value that are told."""
_SECRET = re.compile(r"token|passw|secret|credential|(^|_)(key|pin)$", re.IGNORECASE)
_CREDENTIALS = re.compile(r"//[^/\s]*@|[?#].*$")


def shown(place: Sequence[str], value: object) -> str:
    """`place`: the keys on the way to it, the outermost first."""
    if any(_SECRET.search(key) for key in place):
        return "what is there (it is not shown)"
    if not isinstance(value, str | int | float | bool | None):
        return "a table" if isinstance(value, dict) else "a list"
    text = repr(_CREDENTIALS.sub("//…@" if "@" in str(value) else "…", value) if isinstance(value, str) else value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def plain_url(url: str) -> str:
    """As it is, where it holds no credentials: addresses are told in logs and health pages. Raises `ValueError`."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise ValueError("it is no address") from error
    if parts.username or parts.password or "@" in parts.netloc:
        raise ValueError("user and password don't belong into an address, which is shown in logs")
    return url


def plain_host(host: str) -> str:
    """As it is, where it is a host and not a whole address. Raises `ValueError`."""
    if "@" in host or "/" in host:
        raise ValueError("it is a host name, without user, password and path")
    return host


Url = Annotated[str, AfterValidator(plain_url)]
"""An address of the settings, without credentials."""
