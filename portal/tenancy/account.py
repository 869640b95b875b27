"""What people change about themselves."""

from __future__ import annotations

from django.db import transaction

from portal.tenancy import audit, proofs
from portal.tenancy.browsers import end_sessions
from portal.tenancy.models import Proof, User


def change_password(*, user: User, password: str, keep_session: str | None) -> None:
    """Ends every other session and every link that was sent. The caller renews the session kept."""
    user.set_password(password)  # slow: before the transaction
    with transaction.atomic():
        user.save(update_fields=["password"])
        Proof.objects.filter(user=user).delete()
        end_sessions(user, but=keep_session)
        audit.record("user.password_changed", target=user, by=user, tenant=user.tenant)
        proofs.tell_password_changed(user)
