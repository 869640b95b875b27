"""The pages of integrations."""

from __future__ import annotations

from django.urls import path

from integrations.views import connecting, mapping, syncing

app_name = "integrations"
urlpatterns = [
    path("", connecting.integration_list, name="list"),
    path("add/", connecting.provider_list, name="add"),
    path("add/<slug:provider>/", connecting.add, name="new"),
    path("<int:pk>/", syncing.overview, name="overview"),
    path("<int:pk>/connect/", connecting.connect, name="connect"),
    path("<int:pk>/connect/credentials/", connecting.credentials, name="credentials"),
    path("<int:pk>/connect/environment/", connecting.environment, name="environment"),
    path("<int:pk>/fields/", mapping.fields, name="fields"),
    path("<int:pk>/fields/preview/", mapping.fields_preview, name="preview"),
    path("<int:pk>/read/", mapping.read_again, name="read"),
    path("<int:pk>/read/state/", mapping.reading_state, name="reading"),
    path("<int:pk>/people/", mapping.people_list, name="people"),
    path("<int:pk>/people/confirm/", mapping.confirm, name="confirm"),
    path("<int:pk>/people/<int:employee>/", mapping.person, name="person"),
    path("<int:pk>/people/<int:employee>/link/", mapping.link, name="link"),
    path("<int:pk>/people/<int:employee>/unlink/", mapping.unlink, name="unlink"),
    path("<int:pk>/schedule/", syncing.schedule, name="schedule"),
    path("<int:pk>/sync/", syncing.start, name="sync"),
    path("<int:pk>/disable/", syncing.disable, name="disable"),
    path("<int:pk>/delete/", syncing.delete, name="delete"),
    path("<int:pk>/runs/<int:sync>/", syncing.run, name="run"),
    path("<int:pk>/runs/<int:sync>/state/", syncing.run_state, name="run-state"),
    path("<int:pk>/runs/<int:sync>/answer/", syncing.answer, name="answer"),
    path("<int:pk>/runs/<int:sync>/export.csv", syncing.export, name="export"),
]
