from __future__ import annotations

from django.urls import path

from usage.views import alerts, dashboard, exports, panels, requests

app_name = "usage"
urlpatterns = [
    path("", dashboard.dashboard, name="dashboard"),
    path("export.csv", exports.export, {"form": "csv"}, name="export-csv"),
    path("export.json", exports.export, {"form": "json"}, name="export-json"),
    path("export.xlsx", exports.export, {"form": "xlsx"}, name="export-xlsx"),
    path("home/", panels.home, name="home"),
    path("apps/<str:public_id>/", panels.of_app, name="app"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/create/", alerts.alert_create, name="alert-create"),
    path("alerts/<int:pk>/", alerts.alert_edit, name="alert-edit"),
    path("alerts/<int:pk>/delete/", alerts.alert_delete, name="alert-delete"),
    path("requests/", requests.requests, name="requests"),
    path("requests/tail/", requests.tail, name="requests-tail"),
    path("requests/<str:event>/", requests.one_call, name="request"),
]
