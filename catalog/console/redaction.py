"""Taking out what may be a secret, before a request is kept.

Three rules, each enough by itself: the name says so (a header, a parameter, a property), the text has the
shape of a known credential, or it is long and random. A word too many is lost rather than a secret kept.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any

import orjson

GONE = "(not kept)"
_telling = re.compile(
    r"authori[sz]ation|cookie|token|secret|passw(or)?d|passphrase|api[-_. ]?key|apikey|x-key|credential|"
    r"signature|session|private|bearer|otp|^pin$|^auth$|jwt",
    re.IGNORECASE,
)
_shapes = re.compile(
    r"wdps_live_[0-9A-Za-z]+|wdpt_[0-9A-Za-z]+|"  # ours: apps.secrets
    r"\b(?:bearer|basic|negotiate|digest)\s+[A-Za-z0-9+/=._~-]{8,}|"
    r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*|"  # JWT
    r"\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|xox[abprs]|AKIA|ASIA|AIza|glpat|whsec)[-_]?[A-Za-z0-9_-]{12,}|"
    r"\bHZ[0-9A-F]{32}\b|"
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)|"
    r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)",
    re.IGNORECASE,
)
_long = re.compile(r"[A-Za-z0-9+/_=-]{28,}")
_uuid = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", re.IGNORECASE)
_pair = re.compile(r"""(?P<name>[\w.-]{2,60})(?P<is>["']?\s*[=:]\s*["']?)(?P<value>[^\s&"'<>;,{}]+)""")
_element = re.compile(r"<(?P<name>[\w.:-]{2,60})(?P<rest>[^<>]*)>(?P<value>[^<>]+)</")


def tells_a_secret(name: str) -> bool:
    return bool(_telling.search(name))


def is_secret(text: str) -> bool:
    """Whether a value may not be kept, whatever its name."""
    return clean_text(text) != text


def clean_text(text: str) -> str:
    """The text with everything that has a credential's shape, or looks random, taken out."""
    return _long.sub(_unless_random, _shapes.sub(GONE, text))


def _unless_random(found: re.Match[str]) -> str:
    text = found[0]
    if _uuid.match(text):
        return text
    counts = Counter(text)
    entropy = -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
    is_mixed = any(c.isdigit() for c in text) and any(c.isalpha() for c in text)
    return GONE if is_mixed and entropy > 3.4 else text


def clean_value(name: str, value: str) -> str:
    return GONE if value and tells_a_secret(name) else clean_text(value)


def clean_body(text: str) -> str:
    """JSON by its properties; any other text by what stands before = and : and between tags."""
    try:
        value = orjson.loads(text)
        cleaned = _clean_json(value)
    except (orjson.JSONDecodeError, RecursionError):
        return _clean_other(text)
    return text if cleaned == value else orjson.dumps(cleaned, option=orjson.OPT_INDENT_2).decode()


def _clean_json(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {clean_text(key): _clean_json(one, key) for key, one in value.items()}
    if isinstance(value, list):
        return [_clean_json(one, name) for one in value]
    if isinstance(value, (str, int, float)) and not isinstance(value, bool) and tells_a_secret(name):
        return GONE
    return clean_text(value) if isinstance(value, str) else value


def _clean_other(text: str) -> str:
    def of_pair(found: re.Match[str]) -> str:
        return found["name"] + found["is"] + clean_value(found["name"], found["value"])

    def of_element(found: re.Match[str]) -> str:
        return f"<{found['name']}{found['rest']}>{clean_value(found['name'], found['value'])}</"

    return clean_text(_element.sub(of_element, _pair.sub(of_pair, text)))
