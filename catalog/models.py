"""The APIs on offer: what is published, compiled to one self-contained record per operation."""

from __future__ import annotations

from typing import Any

from django.core.validators import MinValueValidator
from django.db import models

from catalog.openapi.packing import unpack, unpack_sized
from portal.tenancy.models import Owned


class Api(models.Model):
    """One API on offer, for every tenant. Its address never changes; its content is `current`."""

    slug = models.SlugField(max_length=60, unique=True)
    current = models.ForeignKey("ApiVersion", null=True, on_delete=models.PROTECT, related_name="+")
    rate_limit = models.PositiveIntegerField(  # calls in the API's window, for each app and operation
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="Empty: what the document says."
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class ApiVersion(models.Model):
    """One published document: written once, never changed."""

    api = models.ForeignKey(Api, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()  # 1, 2, 3 … for this API
    title = models.CharField(max_length=200)
    label = models.CharField(max_length=60)  # the document's own info.version
    summary = models.CharField(max_length=500, blank=True)
    digest = models.CharField(max_length=64)  # SHA-256 of the source and of its guides
    source = models.BinaryField()  # the whole document, JSON, zlib
    frame = models.BinaryField()  # the document without paths and components, JSON, zlib
    index = models.BinaryField(default=b"")  # what search finds in it, JSON, zlib
    changes = models.BinaryField(default=b"")  # since the version before, JSON, zlib
    change_count = models.PositiveIntegerField(default=0)
    breaking_count = models.PositiveIntegerField(default=0)
    published = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["api", "-number"]
        constraints = [models.UniqueConstraint(fields=["api", "number"], name="api_version_number_once")]

    def __str__(self) -> str:
        return f"{self.title} {self.label}"

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = unpack(self.source)
        return found

    def outline(self) -> dict[str, Any]:
        """Info, servers, tags and extensions: what a page needs without the operations."""
        found: dict[str, Any] = unpack(self.frame)
        return found

    def change_list(self) -> list[dict[str, Any]]:
        return list(unpack(self.changes)) if self.changes else []


class Operation(models.Model):
    """One operation with everything it refers to, so that its page and its checks need nothing else."""

    version = models.ForeignKey(ApiVersion, on_delete=models.CASCADE, related_name="operations")
    operation_id = models.CharField(max_length=200)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=500)
    group = models.CharField(max_length=200)
    summary = models.CharField(max_length=500)
    deprecated = models.BooleanField(default=False)
    position = models.PositiveIntegerField()
    closure = models.BinaryField()  # {"operation": …, "components": …}, JSON, zlib

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "operation_id"], name="operation_id_once_per_version"),
            models.UniqueConstraint(fields=["version", "method", "path"], name="operation_address_once"),
        ]
        indexes = [models.Index(fields=["version", "group", "position"], name="operation_by_group")]

    def __str__(self) -> str:
        return self.operation_id

    def definition(self) -> dict[str, Any]:
        return self.definition_and_size()[0]

    def definition_and_size(self) -> tuple[dict[str, Any], int]:
        """The definition, and its bytes as JSON."""
        return unpack_sized(self.closure)


class Schema(models.Model):
    """One named schema of a version with all it refers to, and which operations use it."""

    version = models.ForeignKey(ApiVersion, on_delete=models.CASCADE, related_name="schemas")
    name = models.CharField(max_length=200)
    position = models.PositiveIntegerField()
    closure = models.BinaryField()  # {"schema": …, "components": …, "operations": [ids], "used": count}

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="schema_once_per_version")]

    def __str__(self) -> str:
        return self.name

    def definition(self) -> dict[str, Any]:
        found: dict[str, Any] = unpack(self.closure)
        return found


class Guide(models.Model):
    """A page of prose that came with a version."""

    version = models.ForeignKey(ApiVersion, on_delete=models.CASCADE, related_name="guides")
    slug = models.SlugField(max_length=80)
    title = models.CharField(max_length=200)
    text = models.TextField()  # Markdown
    position = models.PositiveIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "slug"], name="guide_once_per_version")]

    def __str__(self) -> str:
        return self.title


class Sandbox(Owned):
    """One tenant's copy of one API's data. `version` rises with every change (portal.stamps)."""

    api = models.CharField(max_length=60)
    version = models.PositiveBigIntegerField(default=1)
    seeded = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "api"], name="sandbox_one_per_api")]


class SandboxRow(Owned):
    """One thing in a sandbox: an employee, a balance, …, in the shape the API answers with."""

    api = models.CharField(max_length=60)
    collection = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    data = models.TextField()  # JSON, read and written by orjson only

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "api", "collection", "key"], name="sandbox_row_key_once"
            )
        ]


class SandboxJob(Owned):
    """Work that is still to be done on a sandbox's row; gone when it is done (sandbox.jobs)."""

    api = models.CharField(max_length=60)
    name = models.CharField(max_length=80)  # a function of the API's handlers.py
    key = models.CharField(max_length=200)  # of the row
    step = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)  # of this step
    due = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "api", "name", "key"], name="sandbox_job_once_per_row")
        ]


# The room's other models, each beside the code that knows it. Django finds them through this module.
import catalog.access.models  # noqa: E402
import catalog.console.models  # noqa: E402, F401
