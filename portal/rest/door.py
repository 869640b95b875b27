"""What every view of the management API is: one tenant's, for the roles and callers it names."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.views import APIView

from portal.rest.caller import Caller
from portal.tenancy.models import Role, Tenant


class TenantAPI(APIView):
    """A view of one tenant's things. People need `role`; programs come in only where `for_apps` says so."""

    role = Role.VIEWER
    for_apps = False

    @classmethod
    def as_view(cls, **initial: Any) -> Any:
        view = super().as_view(**initial)
        view.login_required = False  # type: ignore[attr-defined]  # it answers 401 itself, no sign-in page
        return view

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        caller = self.caller
        if caller.person and not caller.person.has_role(self.role):
            raise PermissionDenied(f"This needs the role {self.role.label}.")
        if caller.app_id and not self.for_apps:
            raise PermissionDenied("This is for people who are signed in, not for apps.")

    @property
    def caller(self) -> Caller:
        found = self.request.user
        assert isinstance(found, Caller), "the permission classes let nobody else through"
        return found

    @property
    def tenant(self) -> Tenant:
        return self.caller.tenant
