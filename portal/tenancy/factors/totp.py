"""Codes of an authenticator app: RFC 6238 with SHA-1, six digits, 30 seconds, as every app expects."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import struct
import time
from urllib.parse import quote, urlencode

import qrcode
from django.utils.safestring import SafeString, mark_safe

STEP = 30  # seconds
DIGITS = 6
TOLERANCE = 1  # steps a telephone's clock may be off, each way


def new_secret() -> str:
    """160 bits in base32, as people can type it."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def code_at(secret: str, step: int) -> str:
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: str, code: str) -> int | None:
    """The 30-second step a code belongs to, or None; every step is compared, whichever matches."""
    now = int(time.time()) // STEP
    found = None
    for step in range(now - TOLERANCE, now + TOLERANCE + 1):
        if hmac.compare_digest(code_at(secret, step), code):
            found = step
    return found


def address(secret: str, *, account: str, email: str) -> str:
    """The otpauth address that a QR code carries."""
    label = quote(f"{account}:{email}")
    return f"otpauth://totp/{label}?" + urlencode(
        {"secret": secret, "issuer": account, "digits": DIGITS, "period": STEP}, quote_via=quote
    )


def picture(text: str) -> SafeString:
    """A QR code as one inline SVG; dark modules on a white ground in both themes, as cameras want it."""
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    rows = code.get_matrix()
    path = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark
    )
    size = len(rows)
    return mark_safe(  # noqa: S308 - numbers only
        f'<svg class="qr" viewBox="0 0 {size} {size}" role="img" shape-rendering="crispEdges" '
        'aria-label="QR code for an authenticator app">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )
