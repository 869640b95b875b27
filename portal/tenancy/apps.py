from __future__ import annotations

from typing import Any

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "portal.tenancy"
    label = "tenancy"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from portal.tenancy import at_home

        at_home.register()
        user_logged_in.connect(_note_browser, dispatch_uid="tenancy.note_browser")


def _note_browser(sender: type[Any], request: Any, user: Any, **_: Any) -> None:
    """Whichever way somebody signs in, their list of sessions can name the browser."""
    from portal.tenancy.audit import origin
    from portal.tenancy.session_store import remember_browser

    agent = request.META.get("HTTP_USER_AGENT", "")
    remember_browser(request.session, agent, origin.get().address)
