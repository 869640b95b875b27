"""Alerts looked at again and again: an alarm begins, is told once, and ends by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from portal import mail
from portal.tenancy.models import Role, Standing, User
from usage import measures
from usage.models import Alarm, Alert

log = logging.getLogger(__name__)
QUIET = timedelta(hours=1)  # an alarm that returns sooner than this is shown, and not mailed again


def look() -> int:
    """Looks at every alert that is on; one that fails stops no other. Returns how many alarms began."""
    began = 0
    living = Q(app=None) | Q(app__deleted_at=None)
    alerts = Alert.objects.filter(living, is_on=True, tenant__is_active=True).select_related("tenant", "app")
    for alert in alerts.iterator(chunk_size=500):
        try:
            began += judge(alert, timezone.now())
        except Exception:
            log.exception("usage.alert_failed", extra={"alert": alert.pk})
    return began


def judge(alert: Alert, now: datetime) -> bool:
    """Whether an alarm began."""
    value = measures.value_of(alert, now)
    holds = value is not None and value >= alert.threshold
    open_alarm = Alarm.objects.of(alert.tenant).filter(alert=alert, ended=None).first()
    if open_alarm:
        if holds and value is not None and value > open_alarm.value:
            Alarm.objects.filter(pk=open_alarm.pk, ended=None).update(value=value)
        if not holds:
            Alarm.objects.filter(pk=open_alarm.pk, ended=None).update(ended=now)
        return False
    if not holds or value is None:
        return False
    try:
        with transaction.atomic():
            returned = alert.alarms.filter(ended__gte=now - QUIET).exists()
            alarm = Alarm.objects.create(tenant=alert.tenant, alert=alert, began=now, value=value)
            if not returned:
                _tell(alarm)
    except IntegrityError:  # another worker was faster
        return False
    log.info("usage.alarm", extra={"alert": alert.pk})
    return True


def _tell(alarm: Alarm) -> None:
    alert, tenant = alarm.alert, alarm.tenant
    for person in audience(alert):
        context = {
            "account": tenant.name,
            "name": person.first_name or person.email,
            "rule": str(alert),
            "value": alert.in_words(alarm.value),
            "moment": f"{alarm.began.astimezone(tenant.zone):%-d %B %Y, %H:%M} ({tenant.time_zone})",
            "link": settings.PORTAL_URL + reverse("usage:alerts"),
        }
        mail.queue("alarm", to=person.email, context=context, tenant=tenant)


def audience(alert: Alert) -> list[User]:
    people = User.objects.filter(tenant=alert.tenant, is_active=True, standing=Standing.ACTIVE)
    match Alert.Audience(alert.audience):
        case Alert.Audience.CREATOR:
            return list(people.filter(pk=alert.created_by_id or 0))
        case Alert.Audience.ADMINS:
            return list(people.filter(role=Role.ADMIN))
        case Alert.Audience.DEVELOPERS:
            return list(people.filter(Q(role=Role.ADMIN) | Q(role=Role.DEVELOPER)))
    return []
