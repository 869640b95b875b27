"""Scripts out of installed wheels, and static files under names that carry their content's hash."""

from __future__ import annotations

import gzip
import importlib.util
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.storage import FileSystemStorage, Storage

# Public name → package and the file inside it. Nothing else of a package is served.
ACE = "static/django_ace/ace"
ACE_SCRIPTS = "ace ext-language_tools ext-searchbox mode-json mode-xml worker-json worker-xml".split()
PICTURES = {  # of ace.css
    "svg": (5, 6, 7, 8, 9, 10, 11, 12, 25),
    "png": (1, 2, 3, 4, *range(13, 25), 26),
}
FILES = {
    "vendor/htmx.min.js": ("django_htmx", "static/django_htmx/htmx-2.min.js"),
    "vendor/plotly.min.js": ("plotly", "package_data/plotly.min.js"),
    **{f"vendor/ace/{name}.js": ("django_ace", f"{ACE}/{name}.js") for name in ACE_SCRIPTS},
    "vendor/ace/ace.css": ("django_ace", f"{ACE}/css/ace.css"),
    **{
        f"vendor/ace/main-{number}.{kind}": ("django_ace", f"{ACE}/css/main-{number}.{kind}")
        for kind, numbers in PICTURES.items()
        for number in numbers
    },
}
COMPRESSED = frozenset({".css", ".js", ".svg", ".json", ".map", ".txt", ".html"})
WORTH_COMPRESSING = 512  # bytes


def package_file(package: str, inside: str) -> Path:
    """Where an installed package keeps a file, found without importing the package."""
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is a dependency of this project"
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / inside


class OneFile(FileSystemStorage):
    """A storage of a single file, known by a name of our own."""

    prefix = ""

    def __init__(self, path: Path) -> None:
        super().__init__(location=path.parent)
        self.file = path

    def path(self, name: str) -> str:
        return str(self.file)


class VendorFinder(BaseFinder):
    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        if path not in FILES:
            return []
        found = str(package_file(*FILES[path]))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name, (package, inside) in FILES.items():
            yield name, OneFile(package_file(package, inside))


class StaticStorage(ManifestStaticFilesStorage):
    """Hashed names for ever-lasting caches, each text file with its .gz beside it.

    Before the first `collectstatic` (tests, first start) names are plain.
    """

    manifest_strict = False
    keep_intermediate_files = False
    # Our own modules import one another by relative path; nothing else is read for imports.
    patterns = (
        *ManifestStaticFilesStorage.patterns,
        ("js/*.js", ManifestStaticFilesStorage._js_module_import_aggregation_patterns[1]),  # type: ignore[attr-defined]
    )

    def stored_name(self, name: str) -> str:
        return str(self.hashed_files.get(self.hash_key(self.clean_name(name)), name))

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        for name, hashed_name, processed in super().post_process(paths, dry_run, **options):
            if isinstance(hashed_name, str) and not isinstance(processed, Exception):
                self._compress(Path(self.path(hashed_name)))
            yield name, hashed_name, processed

    def _compress(self, file: Path) -> None:
        beside = file.with_name(f"{file.name}.gz")
        if file.suffix not in COMPRESSED or beside.exists() or file.stat().st_size < WORTH_COMPRESSING:
            return
        beside.write_bytes(gzip.compress(file.read_bytes(), compresslevel=6, mtime=0))
