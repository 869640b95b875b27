from __future__ import annotations

from django.urls import path

from portal.runs import views

app_name = "runs"
urlpatterns = [path("<int:pk>/status/", views.status, name="status")]
