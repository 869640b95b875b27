"""The rules of the house: arrows, sizes, ownership."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.apps import apps as django_apps
from django.conf import settings

HOUSE = Path(settings.BASE_DIR) if hasattr(settings, "BASE_DIR") else Path(__file__).parent.parent
ROOMS = [
    "portal.tenancy",
    "portal.runs",
    "apps",
    "usage",
    "catalog",
    "integrations",
]  # each may import those before it
# The rest of `portal` (web, wire, valkey, stamps, …) is the floor: anyone may import it.
ROOF = [
    "portal.settings",
    "portal.urls",
    "portal.celery",
    "portal.wsgi",
    "portal.metrics",
    "portal.start",
    "portal.bench",
]
LAYERS = ["models", "queries", "services", "tasks", "views"]  # inside a room each may import those before it

# Models that belong to no tenant, and why.
GLOBAL_MODELS = {
    "tenancy.Tenant": "the tenant itself",
    "tenancy.User": "operators belong to no tenant",
    "tenancy.AuditLine": "the operator's actions have no tenant",
    "tenancy.AuditHead": "as the lines of its chain",
    "tenancy.BrowserSession": "a browser may belong to nobody yet, or to an operator",
    "tenancy.ResetRequest": "whose it is, is not looked up while the asker waits",
    "mail.Outbox": "a mail may go to an operator or to nobody",
    "mail.MailWording": "the operator's words, for all tenants",
    "front.Settings": "the operator's choices for the whole portal",
    "front.LegalText": "the operator's words, for all tenants",
    "apps.Scope": "scopes are published for all",
    "catalog.Api": "APIs are on offer to all",
    "catalog.ApiVersion": "as its API",
    "catalog.Operation": "as its API",
    "catalog.Guide": "as its API",
    "catalog.Schema": "as its API",
    "usage.Cursor": "how far the one stream of calls is counted",
    "usage.Gap": "a gap of the one stream of calls",
}

TOPS = ("portal", "apps", "catalog", "usage", "integrations")
SOURCES = sorted(
    path for room in TOPS for path in (HOUSE / room).rglob("*.py") if "migrations" not in path.parts
)


def module_of(path: Path) -> str:
    name = ".".join(path.relative_to(HOUSE).with_suffix("").parts)
    return name.removesuffix(".__init__")


def place_of(module: str, places: list[str]) -> str | None:
    return next((place for place in places if module == place or module.startswith(place + ".")), None)


def imports_of(path: Path) -> list[str]:
    """Every import of a file, late ones too."""
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found += [node.module or ""]
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return found


@pytest.mark.parametrize("top", TOPS)
def test_imports_follow_the_arrows(top):
    for path in SOURCES:
        if path.is_relative_to(HOUSE / top):
            check_arrows(path)


def check_arrows(path):
    module = module_of(path)
    if place_of(module, ROOF):
        return
    room = place_of(module, ROOMS)
    for imported in imports_of(path):
        assert not place_of(imported, ROOF), f"{module} imports the roof: {imported}"
        target = place_of(imported, ROOMS)
        if target is None:
            continue
        if room is None:
            assert target == "portal.tenancy", f"the floor ({module}) imports the room {imported}"
        else:
            assert ROOMS.index(target) <= ROOMS.index(room), (
                f"{module} imports {imported}, against the arrows"
            )
        if target == room:
            mine, theirs = layer_of(module, room), layer_of(imported, room)
            if mine is not None and theirs is not None:
                assert theirs <= mine, f"{module} imports {imported}, up the layers"


def layer_of(module: str, room: str) -> int | None:
    name = module.removeprefix(room + ".").split(".")[0]
    return LAYERS.index(name) if name in LAYERS else None


@pytest.mark.parametrize("top", TOPS)
def test_modules_and_functions_stay_small(top):
    for path in SOURCES:
        if path.is_relative_to(HOUSE / top):
            check_size(path)


def check_size(path):
    text = path.read_text()
    assert text.count("\n") <= 400, f"{path.name} is longer than a stranger wants to read"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or 0) - node.lineno
            assert length <= 40, f"{path.name}: {node.name} has {length} lines"


def test_templates_stay_small():
    long = [path.name for path in (HOUSE / "templates").rglob("*.html") if path.read_text().count("\n") > 150]
    assert long == []


def test_templates_hold_no_script_or_style():
    for path in (HOUSE / "templates").rglob("*.html"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
        assert "<style" not in text, path
        assert ' style="' not in text, path
        assert " onclick=" not in text, path
        for piece in text.split("<script")[1:]:
            opening = piece.split(">", 1)[0]
            assert "src=" in opening or "application/json" in opening, f"{path}: inline script"


def test_every_model_belongs_to_a_tenant_or_is_named_global():
    without = {
        f"{model._meta.app_label}.{model.__name__}"
        for model in django_apps.get_models()
        if module_is_ours(model.__module__)
        and not any(field.name == "tenant" and not field.null for field in model._meta.fields)
    }
    assert without == set(GLOBAL_MODELS)


def module_is_ours(module: str) -> bool:
    return module.split(".")[0] in {"portal", "apps", "catalog", "usage", "integrations"}


def test_top_level_is_as_agreed():
    agreed = {
        "manage.py",
        "pyproject.toml",
        "README.md",
        "portal",
        "apps",
        "catalog",
        "integrations",
        "usage",
    }
    agreed |= {"templates", "static", "tests"}
    made_locally = {"var", "uv.lock"}
    found = {path.name for path in HOUSE.iterdir() if not path.name.startswith(".")}
    assert found - made_locally == agreed


def test_no_file_has_a_vague_name():
    vague = {"utils", "common", "helpers", "managers", "misc"}
    assert [path for path in SOURCES if path.stem in vague or path.parent.name in vague] == []
