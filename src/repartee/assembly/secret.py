"""Where a secret is kept: `env:NAME`, `file:PATH` or `keyring:NAME`. Settings name the place, never the secret."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from repartee.core.distribution import install
from repartee.core.errors import BadSettings, EngineMissing
from repartee.core.private import write_private

SERVICE = "repartee"
"""Under this name the machine's keyring holds what is ours."""
MOST = 10_000
"""Characters of a secret; a long-lived token of Home Assistant has about 180."""


def read_secret(place: str) -> str:
    """The secret itself. Raises `BadSettings` that says how to put it there; nothing it says contains the secret."""
    kind, _, name = place.partition(":")
    if not name or kind not in ("env", "file", "keyring"):
        raise BadSettings("a secret is given as env:NAME, file:PATH or keyring:NAME, never as itself")
    if kind == "env":
        secret = os.environ.get(name, "")
    elif kind == "file":
        secret = _read(Path(name).expanduser())
    else:
        secret = _keyring().get_password(SERVICE, name) or ""
    secret = secret.strip()
    if not secret or len(secret) > MOST or "\n" in secret:
        raise BadSettings(f"there is no usable secret at {place}; `repartee home connect URL` puts one there")
    return secret


def keep_secret(place: str, secret: str) -> None:
    """Puts it where only this user reads it: a file of mode 600, or the keyring."""
    kind, _, name = place.partition(":")
    if kind == "keyring":
        _keyring().set_password(SERVICE, name, secret)
        return
    if kind != "file":
        raise BadSettings(f"a secret can be kept in file:PATH or keyring:NAME, not in {kind}:")
    path = Path(name).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, secret + "\n")


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MOST + 2)
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"the secret in {path} can't be read: {type(error).__name__}") from error


def _keyring() -> Any:
    try:
        import keyring
    except ImportError as error:
        raise EngineMissing("keyring", f"{install('keyring')}, or keep the token in a file") from error
    return keyring
