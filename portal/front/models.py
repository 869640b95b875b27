"""What the operator decides for the whole portal, and the words of its legal pages."""

from __future__ import annotations

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Settings(models.Model):
    """One row for the whole portal."""

    number = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    operator_name = models.CharField(
        max_length=120, blank=True, help_text="The company that runs this portal, as its legal pages name it."
    )
    operator_address = models.TextField(
        blank=True,
        validators=[MaxLengthValidator(500)],
        help_text="Its postal address, for the legal notice. One line each.",
    )
    support_address = models.EmailField(
        "support e-mail",
        blank=True,
        help_text="New support tickets are mailed here. Empty: to every operator with an account.",
    )
    catalog_is_public = models.BooleanField(
        "the API catalog is public",
        default=False,
        help_text="Lets people without an account read the catalog. Apps, test requests, usage and "
        "everything else of an account stay closed.",
    )

    class Meta:
        verbose_name = verbose_name_plural = "settings of the portal"
        constraints = [models.CheckConstraint(condition=Q(number=1), name="settings_one_row")]

    def __str__(self) -> str:
        return "Settings of the portal"


class LegalText(models.Model):
    """The operator's own words for one legal page, in place of templates/legal/."""

    class Kind(models.TextChoices):
        NOTICE = "notice", "Legal notice"
        PRIVACY = "privacy", "Privacy"
        TERMS = "terms", "Terms of use"

    kind = models.CharField("page", max_length=10, choices=Kind, unique=True)
    text = models.TextField(
        validators=[MaxLengthValidator(100_000)],
        help_text="Markdown. {portal}, {operator}, {address} and {contact} stand for what the settings say.",
    )
    changed = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = "legal page"
        verbose_name_plural = "legal pages"

    def __str__(self) -> str:
        return self.get_kind_display()
