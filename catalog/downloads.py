"""Files made of a version, once per machine: a version never changes, so neither do they."""

from __future__ import annotations

import os
import tempfile
import zlib
from collections.abc import Callable, Iterable
from itertools import chain
from pathlib import Path

import orjson
from django.conf import settings

from catalog import as_markdown, reference
from catalog.models import ApiVersion
from catalog.openapi.packing import unpack
from catalog.openapi.postman import collection
from catalog.openapi.yaml_text import to_yaml

Maker = Callable[[ApiVersion, str], Iterable[bytes]]


def file_of(version: ApiVersion, slug: str, name: str) -> Path:
    """Raises KeyError for a name that is none of FILES."""
    make = FILES[name]
    folder = Path(settings.VAR_DIR) / "catalog" / f"{version.digest[:32]}-{version.pk}"
    path = folder / name
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            for part in make(version, slug):
                file.write(part)
        os.replace(file.name, path)
    return path


def _source(version: ApiVersion) -> bytes:
    return zlib.decompress(ApiVersion.objects.values_list("source", flat=True).get(pk=version.pk))


def _json(version: ApiVersion, slug: str) -> Iterable[bytes]:
    return [_source(version)]


def _yaml(version: ApiVersion, slug: str) -> Iterable[bytes]:
    return [to_yaml(orjson.loads(_source(version))).encode()]


def _postman(version: ApiVersion, slug: str) -> Iterable[bytes]:
    columns = ("group", "summary", "method", "path", "closure")
    rows = version.operations.values_list(*columns).iterator(chunk_size=50)
    made = collection(
        version.title,
        ((group, summary, method, path, unpack(closure)) for group, summary, method, path, closure in rows),
        base_url=f"{settings.PORTAL_URL}/sandbox/{slug}",
        token_url=f"{settings.PORTAL_URL}/oauth2/token",
    )
    return [orjson.dumps(made, option=orjson.OPT_INDENT_2)]


def _llms(version: ApiVersion, slug: str) -> Iterable[bytes]:
    guides = list(version.guides.values_list("slug", "title"))
    operations = list(version.operations.defer("closure"))
    base = f"{settings.PORTAL_URL}/catalog/{slug}/"
    return [as_markdown.llms_index(version, operations, guides, base).encode()]


def _llms_full(version: ApiVersion, slug: str) -> Iterable[bytes]:
    guides = (f"{text.strip()}\n\n".encode() for text in version.guides.values_list("text", flat=True))
    pages = (
        as_markdown.operation_page(
            one,
            reference.page(one, slug),
            live_url=f"{settings.PORTAL_URL}/live/{slug}",
            sandbox_url=f"{settings.PORTAL_URL}/sandbox/{slug}",
        ).encode()
        + b"\n"
        for one in version.operations.iterator(chunk_size=50)
    )
    return chain([f"# {version.title}\n\n".encode()], guides, pages)


FILES: dict[str, Maker] = {
    "openapi.json": _json,
    "openapi.yaml": _yaml,
    "postman.json": _postman,
    "llms.txt": _llms,
    "llms-full.txt": _llms_full,
}
TYPES = {"json": "application/json", "yaml": "application/yaml", "txt": "text/markdown; charset=utf-8"}
