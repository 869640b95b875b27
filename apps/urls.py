"""The pages of apps."""

from __future__ import annotations

from django.urls import path

from apps import views

app_name = "apps"
urlpatterns = [
    path("", views.app_list, name="list"),
    path("create/", views.app_create, name="create"),
    path("<slug:public_id>/edit/", views.app_edit, name="edit"),
    path("<slug:public_id>/regenerate/", views.app_regenerate, name="regenerate"),
    path("<slug:public_id>/delete/", views.app_delete, name="delete"),
]
