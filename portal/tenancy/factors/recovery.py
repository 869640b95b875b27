"""Ten codes of 50 bits for the day a telephone is lost: shown once, kept as scrypt digests, used once."""

from __future__ import annotations

import base64
import hashlib
import secrets

HOW_MANY = 10
COST = 2**13  # of scrypt: some 25 ms and 8 MB a code


def new_codes() -> list[str]:
    """Such as `k7qm2-x4ptw`."""
    return [_written(base64.b32encode(secrets.token_bytes(7)).decode().lower()[:10]) for _ in range(HOW_MANY)]


def _written(letters: str) -> str:
    return f"{letters[:5]}-{letters[5:]}"


def new_salt() -> str:
    return secrets.token_hex(16)


def digest(code: str, salt: str) -> str:
    """The stored form; blanks, dashes and capitals do not matter."""
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.scrypt(plain.encode(), salt=bytes.fromhex(salt), n=COST, r=8, p=1, dklen=32).hex()
