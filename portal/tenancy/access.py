"""The door: the only place where a view gets its tenant from."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from portal.tenancy.models import Role, Tenant, User
from portal.tenancy.sessions import lacks_factor

P = ParamSpec("P")


class TenantRequest(HttpRequest):
    """A request that went through the door: signed in, of an active tenant, with the role asked for."""

    user: User
    tenant: Tenant


def tenant_view(
    role: Role, *, before_factor: bool = False
) -> Callable[
    [Callable[Concatenate[TenantRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Lets in people of an active tenant who hold at least `role`; 403 for a lower role.

    Operators belong to no tenant: for them these pages do not exist (404). Where the account asks for a
    second factor, a session that has not proved one is led to it first, past all but `before_factor` pages.
    """

    def decorate(
        view: Callable[Concatenate[TenantRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = request.user
            assert isinstance(user, User), "LoginRequiredMiddleware lets nobody else through"
            if user.tenant is None:
                raise Http404
            if not before_factor and lacks_factor(request):
                return redirect("factors:required")
            if not user.has_role(role):
                raise PermissionDenied(f"This needs the role {role.label}. Ask an admin of your account.")
            request.tenant = user.tenant  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        guarded.required_role = role  # type: ignore[attr-defined]  # test_doors reads it
        return guarded  # type: ignore[return-value]  # wraps() keeps the view's own first argument

    return decorate


class ReaderRequest(HttpRequest):
    """A request for what the operator may open to everybody. `tenant` is None for whoever has no account."""

    tenant: Tenant | None


def reader_view(
    role: Role, *, is_open: Callable[[], bool]
) -> Callable[
    [Callable[Concatenate[ReaderRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """The same door for people of a tenant. Others come in without a tenant while `is_open` says so, and
    are led to the sign-in while it does not."""

    def decorate(
        view: Callable[Concatenate[ReaderRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        guarded = tenant_view(role)(view)  # type: ignore[arg-type]  # a TenantRequest has all that it reads

        @login_not_required
        @wraps(view)
        def open_or_guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            user = request.user
            if isinstance(user, User) and (user.tenant or not is_open()):
                return guarded(request, *args, **kwargs)
            if not is_open():
                return redirect_to_login(request.get_full_path())
            request.tenant = None  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        open_or_guarded.required_role = role  # type: ignore[attr-defined]  # test_doors reads it
        open_or_guarded.may_be_open = True  # type: ignore[attr-defined]
        return open_or_guarded  # type: ignore[return-value]

    return decorate
