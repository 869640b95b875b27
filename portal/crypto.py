"""Encryption at rest: texts that the portal must read again, such as a provider's client secret.

A stored value names its key: `v1:<key id>:<Fernet token>`. New values use the first key of
`settings.PORTAL_ENCRYPTION_KEYS` (any strings, newest first; the secret key when there are none), old
ones stay readable while their key is in the list. `reencrypt` moves everything to the first key.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models.functions import Cast

VERSION = "v1"


class WrongKey(Exception):
    """A stored value cannot be read; the message tells the operator what to do."""


@lru_cache(maxsize=8)
def _ring(keys: tuple[str, ...]) -> dict[str, Fernet]:
    """Key id to cipher, newest first."""
    ring = {}
    for key in keys:
        material = hashlib.blake2b(key.encode(), digest_size=40, person=b"portal.crypto").digest()
        ring[material[32:36].hex()] = Fernet(base64.urlsafe_b64encode(material[:32]))
    return ring


def _keys() -> dict[str, Fernet]:
    return _ring(tuple(getattr(settings, "PORTAL_ENCRYPTION_KEYS", None) or [settings.SECRET_KEY]))


def seal(text: str) -> str:
    key_id, cipher = next(iter(_keys().items()))
    return f"{VERSION}:{key_id}:{cipher.encrypt(text.encode()).decode()}"


def unseal(stored: str, *, seconds: int | None = None) -> str:
    """The text. Raises WrongKey when its key is missing, it was changed, or it is older than `seconds`."""
    version, _, rest = stored.partition(":")
    key_id, _, token = rest.partition(":")
    cipher = _keys().get(key_id)
    if version != VERSION or cipher is None:
        raise WrongKey(
            f"A stored secret was encrypted with the key {key_id[:8]!r}, which is not among "
            "PORTAL_ENCRYPTION_KEYS (or PORTAL_SECRET_KEY). Put that key back at the end of the list."
        )
    try:
        return cipher.decrypt(token, ttl=seconds).decode()
    except InvalidToken:
        raise WrongKey("A stored secret was changed from outside or is out of date.") from None


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]  # generic for mypy only
    """Plain text in Python, sealed in the database. Cannot be searched."""

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return (
            name,
            "django.db.models.TextField",
            args,
            kwargs,
        )  # the column is one; migrations import nothing

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return prepared if prepared is None else seal(str(prepared))

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return value if value is None else unseal(value)


class EncryptedJSONField(EncryptedTextField):
    """JSON in Python, sealed in the database."""

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(json.dumps(value))

    def from_db_value(self, value: Any, *rest: Any) -> Any:
        text = super().from_db_value(value, *rest)
        return text if text is None else json.loads(text)

    def to_python(self, value: Any) -> Any:
        return value


def reencrypt() -> tuple[int, int]:
    """Seals every value under the first key: (moved, already there). Safe beside writers and twice."""
    current = f"{VERSION}:{next(iter(_keys()))}:"
    moved = kept = 0
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                for row in _raw(model, field).iterator(chunk_size=500):
                    pk, stored = row
                    if stored is None or stored.startswith(current):
                        kept += 1
                    else:
                        moved += _replace(model, field, pk, stored)
    return moved, kept


def _stored(field: EncryptedTextField) -> Any:
    """The column as it stands, past the field's own decoding."""
    return Cast(models.F(field.attname), models.TextField())


def _raw(model: type[models.Model], field: EncryptedTextField) -> Any:
    rows = model._default_manager.annotate(stored_text=_stored(field))
    return rows.order_by("pk").values_list("pk", "stored_text")


def _replace(model: type[models.Model], field: EncryptedTextField, pk: Any, stored: str) -> int:
    """1 when this value was moved, 0 when somebody else wrote it in between (under the first key)."""
    row = model._default_manager.annotate(stored_text=_stored(field)).filter(pk=pk, stored_text=stored)
    fresh = models.Value(seal(unseal(stored)), output_field=models.TextField())
    return row.update(**{field.attname: fresh})
