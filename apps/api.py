"""An app's bearer token, where the management API takes one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from apps import bearer
from portal.rest.caller import Caller
from portal.tenancy.models import Tenant

CHALLENGE = 'Bearer realm="portal"'


class AppToken(BaseAuthentication):
    def authenticate(self, request: Request) -> Any:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if not scheme:
            return None
        found = bearer.find(token) if scheme.lower() == "bearer" else None
        if found is None:
            raise AuthenticationFailed("The access token is unknown, expired or ended.")
        return Caller(Tenant.objects.get(pk=found.tenant_id), app_id=found.app_id), token

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


class AppTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "apps.api.AppToken"
    name = "appToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        flow = {"tokenUrl": "/oauth2/token", "scopes": {}}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}
