"""The APIs that come with the portal: one folder each in catalog/apis."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

from catalog.services import GuideSource

FOLDER = Path(__file__).parent / "apis"


def slugs() -> list[str]:
    return sorted(path.parent.name for path in FOLDER.glob("*/openapi.yaml"))


def source(slug: str) -> bytes:
    return (FOLDER / slug / "openapi.yaml").read_bytes()


def guides(slug: str) -> list[GuideSource]:
    return [
        GuideSource(path.stem, path.read_text(encoding="utf-8"))
        for path in sorted((FOLDER / slug / "guides").glob("*.md"))
    ]


@cache
def module(slug: str, name: str) -> ModuleType | None:
    """`handlers` or `seed` of an API's folder, or None. A slug may hold dashes, so no import statement."""
    path = FOLDER / slug / f"{name}.py"
    if not path.is_file():
        return None
    full_name = f"catalog.apis.{slug.replace('-', '_')}.{name}"
    spec = importlib.util.spec_from_file_location(full_name, path)
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = found
    spec.loader.exec_module(found)
    return found
