"""What the dashboard shows, as a file: all lines of the selection, in its order."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import orjson
import xlsxwriter
from django.http import HttpResponse
from django.utils.text import slugify
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.tenancy.access import TenantRequest, tenant_view
from portal.tenancy.models import Role
from portal.web.cells import cell
from usage.figures import as_data, moment_words
from usage.queries import Line, Report, report
from usage.selection import Selection, selection
from usage.views.dashboard import in_order, matching

HEAD = ("calls", "calls_before", "share", "errors", "error_rate", "p50_ms", "p95_ms", "p99_ms")


@require_safe
@never_cache
@tenant_view(Role.VIEWER)
def export(request: TenantRequest, form: str) -> HttpResponse:
    chosen = selection(request.GET, request.tenant)
    found = report(request.tenant, chosen.asked())
    lines = in_order(matching(found.lines, chosen.search), chosen.sort)
    write, kind = FORMS[form]
    response = HttpResponse(write(chosen, found, lines, request.tenant), content_type=kind)
    period = f"{chosen.period.first}-to-{chosen.period.last}"
    name = f"usage-{slugify(request.tenant.slug)}-{period}-by-{chosen.by}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _names(chosen: Selection) -> tuple[str, ...]:
    return ("endpoint", "api") if chosen.by == "endpoint" else ("app", "app_id")


def _cells(chosen: Selection, line: Line) -> list[Any]:
    data = as_data(line)
    return [line.name, line.note if chosen.by == "endpoint" else line.ref, *(data[name] for name in HEAD)]


def _as_csv(chosen: Selection, found: Report, lines: list[Line], tenant: Any) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow((*_names(chosen), *HEAD))
    for line in lines:
        writer.writerow([cell(value) for value in _cells(chosen, line)])
    return text.getvalue().encode("utf-8-sig")  # the mark by which Excel knows UTF-8


def _as_json(chosen: Selection, found: Report, lines: list[Line], tenant: Any) -> bytes:
    words = [moment_words(moment, tenant.zone) for moment in found.moments]
    nothing = [0] * len(words)
    document = {
        "from": chosen.period.first,
        "to": chosen.period.last,
        "time_zone": tenant.time_zone,
        "compared_with": {"from": found.before.first, "to": found.before.last},
        "by": chosen.by,
        "lines": [
            {
                **dict(zip(_names(chosen), _cells(chosen, line), strict=False)),
                **as_data(line),
                "series": dict(zip(words, found.series.get(line.key, nothing), strict=True)),
            }
            for line in lines
        ],
    }
    return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _as_xlsx(chosen: Selection, found: Report, lines: list[Line], tenant: Any) -> bytes:
    """Two sheets, the table and the picture. Text is written as text: nothing in it becomes a formula."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False}) as book:
        head = book.add_format({"bold": True})
        names = _names(chosen)
        _sheet(book, head, "Calls", [*names, *HEAD], [_cells(chosen, line) for line in lines])
        words = [moment_words(moment, tenant.zone) for moment in found.moments]
        nothing = [0] * len(words)
        rows = [[*_cells(chosen, line)[:2], *found.series.get(line.key, nothing)] for line in lines]
        _sheet(book, head, "Over time", [*names, *words], rows)
    return file.getvalue()


def _sheet(book: Any, head: Any, name: str, columns: list[str], rows: list[list[Any]]) -> None:
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 32)
    sheet.set_column(1, 1, 20)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, column, head)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, str):
                sheet.write_string(number, place, value)
            elif value is not None:
                sheet.write_number(number, place, value)


FORMS: dict[str, tuple[Callable[[Selection, Report, list[Line], Any], bytes], str]] = {
    "csv": (_as_csv, "text/csv; charset=utf-8"),
    "json": (_as_json, "application/json"),
    "xlsx": (_as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
