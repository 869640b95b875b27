"""What the dashboard shows, as files."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import Any
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from usage.recorder import record
from usage.roll_up import roll_up

STARTS = ["=", "+", "-", "@", "\t=", "\r=", "＝", "＋", "－", "＠", " =", "  +"]
PAYLOADS = [
    f"{start}{rest}"
    for start in STARTS
    for rest in (
        *("1+1", 'cmd|"/C calc"!A0', "SUM(A1:A9)", 'HYPERLINK("http://x.example","y")', "A1", "@SUM(1)"),
        *("2+5+cmd", "IMPORTXML(1)", "ROW()", "now()", "1", "x", "", "'x", '"x', ";x", ",x"),
    )
][:200]


@pytest.fixture
def noted(ada: Any, app_of: Any, call_of: Any) -> None:
    app = app_of(ada, "Zürich, “Rota”")
    for payload in PAYLOADS:
        record(call_of(app, operation=payload))
    roll_up()


def download(client: Any, form: str, **query: str) -> bytes:
    answer = client.get(reverse(f"usage:export-{form}"), {"on": "2026-10-03", **query})
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment; filename=")
    return answer.content


def test_two_hundred_payloads_make_no_formula_in_csv(client: Any, vic: Any, noted: None) -> None:
    client.force_login(vic)
    rows = list(csv.reader(io.StringIO(download(client, "csv", by="endpoint").decode("utf-8-sig"))))
    assert rows[0][:3] == ["endpoint", "api", "calls"]

    names = [row[0] for row in rows[1:]]
    assert len(PAYLOADS) == 200
    assert [name for name in names if name[:1] in "=+-@\t\r＝＋－＠" or name.lstrip(" ")[:1] in "=+-@"] == []
    assert {name.removeprefix("'") if name[1:] in PAYLOADS else name for name in names} == set(PAYLOADS)
    assert sum(int(row[2]) for row in rows[1:]) == 200


def test_a_workbook_holds_text_and_numbers_and_no_formula(client: Any, vic: Any, noted: None) -> None:
    client.force_login(vic)
    book = zipfile.ZipFile(io.BytesIO(download(client, "xlsx", by="endpoint")))
    sheets = [book.read(name) for name in book.namelist() if name.startswith("xl/worksheets/")]
    assert len(sheets) == 2
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    for sheet in sheets:
        tree = ElementTree.fromstring(sheet)
        assert list(tree.iter(f"{space}f")) == []
        assert list(tree.iter(f"{space}hyperlink")) == []
    texts = {
        "".join(piece.text or "" for piece in entry.iter(f"{space}t"))
        for entry in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    }
    # XML itself writes a lone carriage return as _x000D_.
    assert {payload for payload in PAYLOADS if "\r" not in payload} <= texts


def test_json_has_the_table_and_the_picture(client: Any, vic: Any, noted: None) -> None:
    client.force_login(vic)
    document = json.loads(download(client, "json"))

    assert (document["from"], document["to"], document["by"]) == ("2026-09-28", "2026-10-04", "app")
    [line] = document["lines"]
    assert (line["app"], line["calls"], line["errors"], line["p50_ms"]) == ("Zürich, “Rota”", 200, 0, 4.0)
    assert line["series"]["2026-10-03"] == 200
    assert sum(line["series"].values()) == 200


def test_files_hold_no_strangers_calls(client: Any, mallory: Any, noted: None) -> None:
    client.force_login(mallory)
    for form in ("csv", "json", "xlsx"):
        assert b"rich" not in download(client, form, by="app")
    assert json.loads(download(client, "json"))["lines"] == []
