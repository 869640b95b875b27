"""The operator's pages on tenants, people and invitations. What they change goes through the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from portal.tenancy import invitations, people
from portal.tenancy.errors import InviteRefused, TenancyError
from portal.tenancy.models import Invitation, Role, Tenant, User
from portal.tenancy.services import create_tenant
from portal.web.operator import ReadOnly


def operator(request: HttpRequest) -> User:
    assert isinstance(request.user, User), "the admin lets only operators in"
    return request.user


class NewTenantForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Tenant
        fields = ("name", "region", "time_zone")

    def clean(self) -> dict[str, Any]:
        """The service is the only one who knows which names are taken; it makes the row here."""
        data = super().clean() or {}
        if not self.errors:
            try:
                self.made = create_tenant(**data, by=self.asked_by)  # type: ignore[attr-defined]
            except TenancyError as error:
                raise forms.ValidationError(str(error)) from None
        return data

    def save(self, commit: bool = True) -> Tenant:
        return self.made

    def save_m2m(self) -> None:
        """There is nothing to save."""


@admin.register(Tenant)
class TenantAdmin(ReadOnly):
    list_display = ("name", "slug", "region", "time_zone", "is_active", "created")
    list_filter = ("region", "is_active")
    search_fields = ("name", "slug")
    actions = ("invite_a_person",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **more: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **more)
        return type("NewTenant", (NewTenantForm,), {"asked_by": operator(request)})

    def save_model(self, request: HttpRequest, obj: Tenant, form: Any, change: bool) -> None:
        """The form's service saved it."""

    @admin.action(description="Invite a person")
    def invite_a_person(self, request: HttpRequest, rows: QuerySet[Tenant]) -> HttpResponse | None:
        if rows.count() != 1:
            self.message_user(request, "Choose one account.", messages.WARNING)
            return None
        page = reverse("admin:tenancy_invitation_add")
        return redirect(f"{page}?{urlencode({'tenant': rows.get().pk})}")


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = (
        "email",
        "first_name",
        "last_name",
        "tenant",
        "role",
        "standing",
        "is_active",
        "last_login",
    )
    list_select_related = ("tenant",)
    list_filter = ("role", "standing", "is_active", "tenant")
    search_fields = ("email", "first_name", "last_name")
    fields = (
        "email",
        "first_name",
        "last_name",
        "tenant",
        "role",
        "standing",
        "is_active",
        "last_login",
        "created",
    )
    actions = ("deactivate", "reactivate")

    @admin.action(description="Deactivate")
    def deactivate(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        self._each(request, rows, people.deactivate, "deactivated")

    @admin.action(description="Reactivate")
    def reactivate(self, request: HttpRequest, rows: QuerySet[User]) -> None:
        self._each(request, rows, people.reactivate, "reactivated")

    def _each(self, request: HttpRequest, rows: QuerySet[User], act: Any, word: str) -> None:
        for person in rows.exclude(tenant=None):
            try:
                act(person=person, by=operator(request))
            except TenancyError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                self.message_user(request, f"{person.email} is {word}.")


class InvitationForm(forms.ModelForm):  # type: ignore[type-arg]
    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(choices=Role.choices, initial=Role.ADMIN)

    class Meta:
        model = Invitation
        fields = ("tenant", "email", "role")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                self.made = invitations.invite(**data, by=self.asked_by)  # type: ignore[attr-defined]
            except InviteRefused as refused:
                raise forms.ValidationError({"email": str(refused)}) from None
        return data

    def _post_clean(self) -> None:
        """The service made the row; there is no second one to check."""

    def save(self, commit: bool = True) -> Any:
        return self.made

    def save_m2m(self) -> None:
        """There is nothing to save."""


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    list_display = ("email", "tenant", "role", "state", "expires", "invited_by", "created")
    list_select_related = ("tenant", "invited_by")
    list_filter = ("state", "tenant")
    search_fields = ("email",)
    fields = ("tenant", "email", "role", "state", "expires", "invited_by", "created")
    actions = ("resend", "withdraw")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return True

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.fields if obj else ("tenant", "email", "role")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **more: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **more)
        return type("Invite", (InvitationForm,), {"asked_by": operator(request)})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form's service saved it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The audit log has it."""

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        self.message_user(request, f"Invited {obj.email}.")
        return redirect("admin:tenancy_invitation_changelist")

    @admin.action(description="Send again")
    def resend(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        self._each(request, rows, invitations.resend, "sent again")

    @admin.action(description="Delete")
    def withdraw(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        self._each(request, rows, invitations.delete, "deleted")

    def _each(self, request: HttpRequest, rows: QuerySet[Invitation], act: Any, word: str) -> None:
        for invitation in rows.select_related("tenant").filter(state=Invitation.State.PENDING):
            try:
                act(invitation=invitation, by=operator(request))
            except TenancyError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                self.message_user(request, f"The invitation of {invitation.email} is {word}.")
