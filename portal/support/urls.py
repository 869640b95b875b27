from __future__ import annotations

from django.urls import path

from portal.support import views

app_name = "support"
urlpatterns = [
    path("", views.contact, name="contact"),
    path("tickets/", views.tickets, name="tickets"),
    path("tickets/<int:pk>/", views.ticket, name="ticket"),
    path("tickets/<int:pk>/close/", views.ticket_close, name="ticket-close"),
]
