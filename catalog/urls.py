from __future__ import annotations

from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("", views.api_list, name="list"),
    path("<slug:slug>/", views.api_home, name="api"),
    path("<slug:slug>/operations/<str:operation_id>/", views.operation, name="operation"),
    path("<slug:slug>/models/", views.models, name="models"),
    path("<slug:slug>/guides/<slug:name>/", views.guide, name="guide"),
]
