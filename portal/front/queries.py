"""Reading what the operator decided."""

from __future__ import annotations

from portal.front.models import LegalText, Settings


def settings_row() -> Settings:
    return Settings.objects.first() or Settings()


def catalog_is_public() -> bool:
    return Settings.objects.filter(catalog_is_public=True).exists()


def legal_text(kind: str) -> LegalText | None:
    return LegalText.objects.filter(kind=kind).first()
