from __future__ import annotations

from django.urls import path

from catalog import data_page, sandbox_page, views
from catalog.changelog import views as changelog
from catalog.console import views as console
from catalog.search import views as search

app_name = "catalog"
urlpatterns = [
    path("", views.api_list, name="list"),
    path("search/", search.search, name="search"),
    path("news/", changelog.news, name="news"),
    path("changelog/", changelog.changelog, name="changelog"),
    path("try/", console.try_app, name="try"),
    path("feed/<str:token>/", changelog.feed, name="feed"),
    path("<slug:slug>/", views.api_home, name="api"),
    path("<slug:slug>/files/<str:name>", views.download, name="download"),
    path("<slug:slug>/llms.txt", views.download, {"name": "llms.txt"}, name="llms"),
    path("<slug:slug>/llms-full.txt", views.download, {"name": "llms-full.txt"}, name="llms-full"),
    path("<slug:slug>/sandbox/", sandbox_page.sandbox, name="sandbox"),
    path("<slug:slug>/changelog/", changelog.api_changelog, name="api-changelog"),
    path("<slug:slug>/operations/<str:operation_id>.md", views.operation_markdown, name="operation-markdown"),
    path("<slug:slug>/operations/<str:operation_id>/", views.operation, name="operation"),
    path("<slug:slug>/operations/<str:operation_id>/console/", console.panel, name="console"),
    path("<slug:slug>/operations/<str:operation_id>/console/check/", console.check, name="console-check"),
    path("<slug:slug>/operations/<str:operation_id>/console/code/", console.samples, name="console-code"),
    path("<slug:slug>/models/", views.models, name="models"),
    path("<slug:slug>/models/<path:name>/", views.model, name="model"),
    path("<slug:slug>/guides/<slug:name>.md", views.guide_markdown, name="guide-markdown"),
    path("<slug:slug>/guides/<slug:name>/", views.guide, name="guide"),
    path("<slug:slug>/<slug:name>/", data_page.page, name="data"),
]
