"""Who calls the management API: a person by the browser's session, or an app by its bearer token."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from portal.tenancy.models import Tenant, User
from portal.tenancy.sessions import lacks_factor


@dataclass(frozen=True, slots=True)
class Caller:
    """`person` or `app_id`, never both."""

    tenant: Tenant
    person: User | None = None
    app_id: int | None = None
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> str:
        return f"user {self.person.pk}" if self.person else f"app {self.app_id}"


class Browser(SessionAuthentication):
    """Writing needs the CSRF token, as in every form."""

    def authenticate(self, request: Request) -> Any:
        user = getattr(request._request, "user", None)
        if not isinstance(user, User) or not user.is_active or user.tenant is None:
            return None
        self.enforce_csrf(request)
        if lacks_factor(request._request):
            raise PermissionDenied("Your account asks for a second factor. Sign in with it first.")
        return Caller(user.tenant, person=user), None


class BrowserScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "portal.rest.caller.Browser"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sid"}
