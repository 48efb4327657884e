"""The settings file as something that changes: key by key, validated before it is written, and written whole or not
at all. What a person wrote beside the changed keys, comments too, stays as it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from repartee.core.errors import BadSettings, BadText
from repartee.core.private import write_private
from repartee.core.untrusted import read_text

from .settings import FILE, MAX_BYTES, Settings, found_file, read_settings, user_folder


@dataclass(frozen=True)
class SettingsFile:
    """Where the settings of one assistant are kept."""

    named: Path | None = None
    """By the command line; None: the one that is found."""
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Section to key to value: what the command line says instead of the file."""

    @property
    def path(self) -> Path:
        """The file that is read, or the user's own where there is none yet."""
        return self.named or found_file() or user_folder() / FILE

    def read(self) -> Settings:
        """Raises `BadSettings`."""
        return read_settings(self.path if self.named or self.path.is_file() else None, self.options)

    def change(self, changes: Mapping[str, Any]) -> Settings:
        """`brain.language` to its new value; None: as if it had never been written. Returns what is valid from the
        next start on. Raises `BadSettings` that names the key, and then nothing is changed."""
        document = self._document()
        for key, value in changes.items():
            _put(document, key.split("."), value)
        path = self.path
        fresh = path.with_name(f".{path.name}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(fresh, tomlkit.dumps(document))
            settings = read_settings(fresh, self.options)
            fresh.replace(path)
        except BadSettings as error:
            raise BadSettings(str(error).replace(str(fresh), str(path))) from None
        except OSError as error:
            raise BadSettings(f"{path} can't be written: {error.strerror or error}") from error
        finally:
            fresh.unlink(missing_ok=True)
        return settings

    def _document(self) -> tomlkit.TOMLDocument:
        if not self.path.is_file():
            return tomlkit.document()
        try:
            return tomlkit.parse(read_text(self.path, MAX_BYTES))
        except (BadText, TOMLKitError) as error:
            raise BadSettings(f"{self.path}: {error}; mend the file by hand first") from error


def told(settings: Settings) -> dict[str, Any]:
    """Every key with its value, as JSON can have it; secrets are never in it, only whether there is one."""
    return settings.model_dump(mode="json")


def from_environment() -> list[str]:
    """The keys that the environment decides, whatever the file says."""
    names = (name for name in os.environ if name.startswith("REPARTEE_") and "__" in name)
    return sorted(name.removeprefix("REPARTEE_").lower().replace("__", ".") for name in names)


def _put(document: tomlkit.TOMLDocument, place: list[str], value: Any) -> None:
    """A table that is on the way and is no table is refused; one that is missing is made."""
    if not all(place) or len(place) < 2:
        raise BadSettings(f"{'.'.join(place)}: a key is `section.key`")
    at: Any = document
    for part in place[:-1]:
        if part not in at:
            if value is None:
                return
            at[part] = tomlkit.table()
        at = at[part]
        if not isinstance(at, Table | dict):
            raise BadSettings(f"{'.'.join(place)}: {part} is no table in the file")
    if value is None:
        at.pop(place[-1], None)
    else:
        at[place[-1]] = value
