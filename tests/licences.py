"""The licences of installed packages, as their own metadata tells them, in SPDX's words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).parents[1]
SPDX = {
    "Apache": "Apache-2.0", "Apache 2.0": "Apache-2.0", "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause", "BSD 3-Clause License": "BSD-3-Clause", "BSD License": "BSD",
    "MIT License": "MIT", "ISC License": "ISC", "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "Python Software Foundation License": "PSF-2.0",
}  # fmt: skip
"""What packages write, and what is meant."""


def locked() -> list[str]:
    """The packages of `requirements/run.txt`."""
    text = (ROOT / "requirements" / "run.txt").read_text()
    return sorted(set(re.findall(r"^([A-Za-z0-9_.-]+)==", text, re.MULTILINE)))


def licence(package: str) -> str | None:
    """None: not installed here, or it says nothing."""
    try:
        told = metadata(package)
    except PackageNotFoundError:
        return None
    classified = (line.split("::")[-1].strip() for line in told.get_all("Classifier") or () if "License" in line)
    written = (line.splitlines()[:1] for line in told.get_all("License") or ())
    words = [*(told.get_all("License-Expression") or ()), *(line for lines in written for line in lines), *classified]
    return next((SPDX.get(word, word) for word in words if word), None)


def noticed() -> dict[str, str]:
    """Package to licence, as NOTICE has it: indented lines, two or more spaces between."""
    return dict(_rows((ROOT / "NOTICE").read_text("utf-8")))


def _rows(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := re.fullmatch(r"  ([a-z0-9][a-z0-9._-]*) {2,}(\S.*)", line):
            yield found[1], found[2].split("  ")[0]
