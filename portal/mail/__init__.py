"""Mail that leaves after the change it tells of is safe: `mail.queue(template, to=…, …)`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from portal.mail.models import Outbox


def queue(template: str, *, to: str | None, context: dict[str, Any], tenant: Any) -> Outbox:
    """services.queue; imported late, since models load after packages."""
    from portal.mail import services

    return services.queue(template, to=to, context=context, tenant=tenant)


def erase_mails(tenant: Any, addresses: set[str], names: set[str]) -> None:
    """services.erase; imported late as above."""
    from portal.mail import services

    services.erase(tenant, addresses, names)
