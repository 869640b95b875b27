"""The APIs that come with the portal: one folder each in catalog/apis.

A slug may hold dashes, a Python package may not: such a folder has a link beside it, named with underscores
(calabrio_one → calabrio-one), by which its modules are imported and type-checked.
"""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

from catalog.services import GuideSource

FOLDER = Path(__file__).parent / "apis"


def slugs() -> list[str]:
    return sorted(path.parent.name for path in FOLDER.glob("*/openapi.yaml") if not path.parent.is_symlink())


def source(slug: str) -> bytes:
    return (FOLDER / slug / "openapi.yaml").read_bytes()


def guides(slug: str) -> list[GuideSource]:
    return [
        GuideSource(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted((FOLDER / slug / "guides").glob("*.md"))
    ]


@cache
def module(slug: str, name: str) -> ModuleType | None:
    """`handlers` or `seed` of an API's folder, or None."""
    if not (FOLDER / slug / f"{name}.py").is_file():
        return None
    return importlib.import_module(f"catalog.apis.{slug.replace('-', '_')}.{name}")
