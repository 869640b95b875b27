"""Keeps a provider that hangs from holding the portal: few requests at once, and a pause after a failure."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from portal.fetch import Answer, FetchError, Refused, fetch
from portal.tenancy.federation.identity import ProviderAway
from portal.tenancy.federation.keep import keep, kept

TEXT = "Your company's sign-in does not answer. Try again in a minute."
AT_ONCE = 2  # requests of one process to one provider; the other threads stay free
PAUSE = 10  # seconds without asking, after a time-out
_busy: Counter[str] = Counter()
_lock = threading.Lock()


def ask(url: str, **more: Any) -> Answer:
    """fetch(), or ProviderAway at once while the provider is known to be in trouble."""
    host = urlsplit(url).netloc
    trouble = "trouble:" + hashlib.sha256(host.encode()).hexdigest()
    if kept(trouble):
        raise ProviderAway(TEXT, f"{host} failed a moment ago")
    with _lock:
        if _busy[host] >= AT_ONCE:
            raise ProviderAway(TEXT, f"{host} is slow and has {AT_ONCE} requests already")
        _busy[host] += 1
    try:
        return fetch(url, **more)
    except Refused:
        raise
    except FetchError as error:
        keep(trouble, 1, PAUSE)
        raise ProviderAway(TEXT, str(error)) from None
    finally:
        with _lock:
            _busy[host] -= 1
            if not _busy[host]:
                del _busy[host]
