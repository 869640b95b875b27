"""What is remembered of providers for a while, shared by all processes; nothing when the cache is away."""

from __future__ import annotations

import json
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError

from portal.tenancy.federation.identity import AnswerRefused


def kept(key: str) -> Any:
    try:
        return cache.get(f"federation:{key}")
    except RedisError:
        return None


def keep(key: str, value: Any, seconds: int, *, only_new: bool = False) -> bool:
    """Whether it was written: with `only_new`, only by the first to come. A lost cache writes nothing."""
    try:
        if only_new:
            return cache.add(f"federation:{key}", value, seconds)
        cache.set(f"federation:{key}", value, seconds)
    except RedisError:
        return False
    return True


def forget(key: str) -> None:
    try:
        cache.delete(f"federation:{key}")
    except RedisError:
        return


def parsed_object(body: bytes) -> dict[str, Any]:
    """A JSON object, each name once. Raises AnswerRefused."""
    try:
        value = json.loads(body, object_pairs_hook=_each_once, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise AnswerRefused("not a JSON object") from None
    if not isinstance(value, dict):
        raise AnswerRefused("not a JSON object")
    return value


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a name twice")
    return made


def _refuse(name: str) -> Any:
    raise ValueError(name)
