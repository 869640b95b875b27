"""The figures of the dashboard and the lines of the request log, for programs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.models import App
from portal.rest.door import TenantAPI
from portal.rest.paging import CursorPages, page
from usage.figures import as_data, moment_words
from usage.models import RequestLog
from usage.queries import Line, log, report, totals
from usage.queries.log import SLOW, STATUSES, Wanted
from usage.selection import ENVIRONMENTS, Selection, app_named, selection

PERIODS = ("day", "week", "month", "year")


class UsageQuery(serializers.Serializer[Any]):
    period = serializers.ChoiceField(PERIODS, required=False, help_text="The one of `on`. Default: week.")
    on = serializers.DateField(required=False, help_text="A date on the account's clock. Default: today.")
    to = serializers.DateField(required=False, help_text="With `from`: a range, both days included.")
    by = serializers.ChoiceField(("app", "endpoint"), required=False, help_text="A line. Default: app.")
    app = serializers.CharField(required=False, max_length=20, help_text="Only calls of this App ID.")
    endpoint = serializers.RegexField(
        r"\A[^/\x00]+/[^\x00]+\Z", required=False, help_text="Only calls of this api/operation."
    )
    environment = serializers.ChoiceField(tuple(ENVIRONMENTS), required=False)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=500, help_text="Lines a page.")
    cursor = serializers.CharField(required=False, help_text="From `next` of the page before.")

    def get_fields(self) -> Any:
        return {"from": serializers.DateField(required=False, help_text="First day."), **super().get_fields()}


class Stretch(serializers.Serializer[Any]):
    to = serializers.DateField()

    def get_fields(self) -> Any:
        return {"from": serializers.DateField(), **super().get_fields()}


class Figures(serializers.Serializer[Any]):
    calls = serializers.IntegerField()
    calls_before = serializers.IntegerField(help_text="In the period before, or as much of it as has gone.")
    share = serializers.FloatField(help_text="Of the period's calls, 0 to 1.")
    errors = serializers.IntegerField(help_text="Status 400 and above.")  # type: ignore[assignment]
    error_rate = serializers.FloatField(help_text="0 to 1.")
    p50_ms = serializers.FloatField(allow_null=True)
    p95_ms = serializers.FloatField(allow_null=True)
    p99_ms = serializers.FloatField(allow_null=True)


class UsageLine(Figures):
    name = serializers.CharField(help_text="The app's name, or the operation.")
    ref = serializers.CharField(help_text="The App ID, or api/operation.")
    series = serializers.DictField(
        child=serializers.IntegerField(), help_text="Calls by hour, day or month, as the period is long."
    )


class UsagePage(Stretch):
    time_zone = serializers.CharField()
    unit = serializers.ChoiceField(("hour", "day", "month"))
    by = serializers.ChoiceField(("app", "endpoint"))
    compared_with = Stretch()
    total = Figures()
    results = UsageLine(many=True)
    next = serializers.URLField(allow_null=True)


class UsageView(TenantAPI):
    """What was called in a period. With an app's token: by that app alone."""

    for_apps = True

    @extend_schema(parameters=[UsageQuery], responses=UsagePage, operation_id="getUsage", tags=["Usage"])
    def get(self, request: Request) -> Response:
        UsageQuery(data=request.query_params).is_valid(raise_exception=True)
        chosen = _of_caller(self, selection(_query(request), self.tenant))
        found = report(self.tenant, chosen.asked())
        words = [moment_words(moment, self.tenant.zone) for moment in found.moments]
        lines, following = page(found.lines, lambda line: (-line.calls, line.ref), request)
        document = {
            "from": chosen.period.first,
            "to": chosen.period.last,
            "time_zone": self.tenant.time_zone,
            "unit": chosen.period.unit,
            "by": chosen.by,
            "compared_with": {"from": found.before.first, "to": found.before.last},
            "total": as_data(totals(found.lines)),
            "results": [_line(line, words, found.series.get(line.key)) for line in lines],
            "next": following,
        }
        return Response(document)


def _line(line: Line, words: list[str], series: list[int] | None) -> dict[str, Any]:
    bars = dict(zip(words, series or [0] * len(words), strict=True))
    return {"name": line.name, "ref": line.ref, **as_data(line), "series": bars}


def _query(request: Request) -> QueryDict:
    found: QueryDict = request.query_params
    return found


def _of_caller(view: TenantAPI, chosen: Selection) -> Selection:
    if view.caller.app_id is None:
        return chosen
    return replace(chosen, app=App.objects.of(view.tenant).get(pk=view.caller.app_id))


class RequestsQuery(serializers.Serializer[Any]):
    app = serializers.CharField(required=False, max_length=20, help_text="An App ID.")
    api = serializers.CharField(required=False, max_length=60)
    operation = serializers.CharField(required=False, max_length=160)
    environment = serializers.ChoiceField(tuple(ENVIRONMENTS), required=False)
    status = serializers.RegexField(
        r"\A([0-9]{3}|" + "|".join(STATUSES) + r")\Z",
        required=False,
        help_text="A number or a group.",
    )
    slower = serializers.ChoiceField(tuple(SLOW), required=False, help_text="Milliseconds.")
    to = serializers.DateField(required=False)
    request_id = serializers.CharField(required=False, max_length=64)
    limit = serializers.IntegerField(required=False, min_value=1, max_value=500)
    cursor = serializers.CharField(required=False)

    def get_fields(self) -> Any:
        return {"from": serializers.DateField(required=False), **super().get_fields()}


class LoggedCall(serializers.ModelSerializer[RequestLog]):
    app = serializers.SerializerMethodField(help_text="App ID.")

    class Meta:
        model = RequestLog
        fields = [
            *("event", "at", "app", "api", "operation", "environment", "method", "status"),
            *("latency_us", "request_bytes", "answer_bytes", "request_id"),
        ]

    def get_app(self, call: RequestLog) -> str:
        return str(self.context["apps"].get(call.app_id, ""))


class NewestFirst(CursorPages):
    ordering = "-event"


class RequestsPage(serializers.Serializer[Any]):
    results = LoggedCall(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class RequestsView(TenantAPI):
    """Single calls, newest first; never bodies or tokens. With an app's token: its own calls alone."""

    for_apps = True

    @extend_schema(
        parameters=[RequestsQuery], responses=RequestsPage, operation_id="listRequests", tags=["Usage"]
    )
    def get(self, request: Request) -> Response:
        query = RequestsQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        given = dict(query.validated_data)
        app = app_named(given.pop("app", ""), self.tenant)
        if self.caller.app_id is not None:
            app = App.objects.of(self.tenant).get(pk=self.caller.app_id)
        for name in ("limit", "cursor"):
            given.pop(name, None)
        wanted = Wanted(app=app, first=given.pop("from", None), last=given.pop("to", None), **given)
        pages = NewestFirst()
        rows = pages.paginate_queryset(log.calls(self.tenant, wanted), request, view=self) or []
        ids = App.objects.of(self.tenant).filter(pk__in={row.app_id for row in rows})
        context = {"apps": dict(ids.values_list("pk", "public_id"))}
        answer: Response = pages.get_paginated_response(LoggedCall(rows, many=True, context=context).data)
        return answer
