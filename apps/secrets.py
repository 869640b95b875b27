"""Machine secrets: their format, and the hash under which the database keeps them.

A secret is a prefix, at least 160 random bits in base62, and six base62 digits of the CRC-32 of all that
precedes. The prefix lets leak scanners find it; the checksum tells a typo from a wrong secret for free.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from typing import Any, Literal

from django.contrib.auth.hashers import BasePasswordHasher

Kind = Literal["secret", "token", "session"]

PREFIXES: dict[Kind, str] = {"secret": "wdps_live_", "token": "wdpt_", "session": "wdpn_"}
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE32 = string.ascii_lowercase + "234567"
RANDOM_DIGITS = 32  # 190 bits
CHECK_DIGITS = 6

_shapes = {
    kind: re.compile(rf"{prefix}[0-9A-Za-z]{{{RANDOM_DIGITS + CHECK_DIGITS}}}\Z").match
    for kind, prefix in PREFIXES.items()
}


def make(kind: Kind) -> str:
    text = PREFIXES[kind] + random_text(BASE62, RANDOM_DIGITS)
    return text + checksum(text)


def random_text(alphabet: str, length: int) -> str:
    return spell(secrets.randbelow(len(alphabet) ** length), alphabet, length)


def checksum(text: str) -> str:
    return spell(zlib.crc32(text.encode()), BASE62, CHECK_DIGITS)


def spell(number: int, alphabet: str, length: int) -> str:
    """The number in the digits of `alphabet`, with leading zeros."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(alphabet))
        digits.append(alphabet[digit])
    return "".join(reversed(digits))


def is_well_formed(text: str, kind: Kind) -> bool:
    """Whether we can have made it. Asked before any look into the database."""
    if not _shapes[kind](text):
        return False
    return hmac.compare_digest(checksum(text[:-CHECK_DIGITS]), text[-CHECK_DIGITS:])


def hint(secret: str) -> str:
    """What may be shown later, so that people can tell which secret they hold."""
    return secret[-4:]


def make_client_id() -> str:
    return "wdpc_" + random_text(BASE62, 24)


def make_public_id() -> str:
    return "app_" + random_text(BASE32, 16)


class SaltedSha256(BasePasswordHasher):
    """Salt and one SHA-256: enough for 160 random bits, never for a password of a person.

    OWASP ASVS 5.0 V6.5.2 takes a standard hash from 112 bits of entropy up.
    """

    algorithm = "ssha256"

    def encode(self, password: str, salt: str) -> str:
        self._check_encode_args(password, salt)  # type: ignore[attr-defined]  # absent from the stubs
        return f"{self.algorithm}${salt}${hashlib.sha256((salt + password).encode()).hexdigest()}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, salt, digest = encoded.split("$")
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        salt, _, digest = encoded.partition("$")[2].partition("$")
        return hmac.compare_digest(hashlib.sha256((salt + password).encode()).hexdigest(), digest)

    def safe_summary(self, encoded: str) -> dict[Any, Any]:
        return {"algorithm": self.algorithm}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """One round is all there is."""


_hasher = SaltedSha256()


def digest(secret: str) -> str:
    """What the database keeps of a secret."""
    return _hasher.encode(secret, _hasher.salt())


def verify(secret: str, kept: str) -> bool:
    return _hasher.verify(secret, kept)
