from __future__ import annotations

from django.urls import path

from portal.help import views

app_name = "help"
urlpatterns = [
    path("", views.home, name="home"),
    path("suggest/", views.suggest, name="suggest"),
    path("<slug:name>/", views.page, name="page"),
]
