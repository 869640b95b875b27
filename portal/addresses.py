"""Which addresses may be asked: https to public machines only, in one plain spelling.

`settings.PRIVATE_HOSTS` names machines inside the company for which the operator lifts both rules,
`settings.PRIVATE_ORIGINS` single ports of machines; `settings.ALLOW_PRIVATE_FETCH` lifts them for all, for
tests.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

CONNECT = 3.0  # seconds
LONGEST_URL = 2048

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_label = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_is_name = re.compile(rf"(?=.{{1,253}}\Z){_label}(?:\.{_label})*\Z").match
_plain = re.compile(r"[!-~]+\Z").match
_resolvers = ThreadPoolExecutor(max_workers=8, thread_name_prefix="resolve")

# What Python's own `is_global` lets through although it leads elsewhere than to a public machine.
NOT_PUBLIC_V4 = [ipaddress.ip_network(text) for text in ("192.88.99.0/24", "192.0.0.0/24")]
PUBLIC_V6 = ipaddress.ip_network("2000::/3")
NOT_PUBLIC_V6 = [
    ipaddress.ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
]


class FetchError(Exception):
    """Base; the message is fit for its reader and holds nothing of the answer."""


class Refused(FetchError):
    """This address is not fetched, whoever asks."""


class Unreachable(FetchError):
    """The other side did not answer in time, not in HTTP, or with too much."""


class NameUnknown(Unreachable):
    """No machine has this name, as far as our own network can tell."""


@dataclass(frozen=True, slots=True)
class Target:
    scheme: str
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == {"https": 443, "http": 80}[self.scheme] else f"{name}:{self.port}"


def is_public(address: IPAddress) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        return (
            address.is_global
            and not (address.is_multicast or address.is_reserved)
            and not any(address in network for network in NOT_PUBLIC_V4)
        )
    return address in PUBLIC_V6 and not any(address in network for network in NOT_PUBLIC_V6)


def target(url: str) -> Target:
    """The parts of an address that may be fetched. Raises Refused for every other spelling."""
    if len(url) > LONGEST_URL or not _plain(url) or "\\" in url:
        raise Refused("This is not a web address. It must be written in plain letters, such as https://….")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is not a web address.") from None
    schemes = ("https", "http") if _may_be_private(parts.scheme, parts.hostname or "", port) else ("https",)
    if parts.scheme not in schemes:
        raise Refused("The address must begin with https://.")
    if parts.username is not None or parts.password is not None or port == 0 or "#" in url:
        raise Refused("The address must not carry a user, a password or a fragment.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        parts.scheme, _host(parts.hostname or ""), port or (443 if parts.scheme == "https" else 80), path
    )


def _host(name: str) -> str:
    try:
        return str(ipaddress.ip_address(name if "%" not in name else ""))  # no interfaces
    except ValueError:
        pass
    if not _is_name(name) or re.search(r"(?:\A|\.)(?:0x[0-9a-f]*|[0-9]+)\Z", name):
        # A last label of digits only is a number in disguise: 127.1, 0x7f.1, 2130706433.
        raise Refused("The address needs the name of a machine, such as login.example.com.")
    return name


def addresses(host: str, port: int, *, seconds: float = CONNECT, scheme: str = "https") -> list[IPAddress]:
    """Every address of a machine; raises Refused unless all are public, or the operator excepted it."""
    asked = _resolvers.submit(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    try:
        found = [ipaddress.ip_address(str(row[4][0]).split("%")[0]) for row in asked.result(timeout=seconds)]
    except (OSError, Late, ValueError, UnicodeError):
        raise NameUnknown(f"The name {host} cannot be found.") from None
    if not _may_be_private(scheme, host, port) and not (
        found and all(is_public(address) for address in found)
    ):
        raise Refused(f"{host} is not a public address.")
    return list(dict.fromkeys(found))


def _may_be_private(scheme: str, host: str, port: int | None) -> bool:
    """Origins are compared after parsing, so that no spelling slips by."""
    if getattr(settings, "ALLOW_PRIVATE_FETCH", False) or host in settings.PRIVATE_HOSTS:
        return True
    name = f"[{host}]" if ":" in host else host
    return (
        f"{scheme}://{name}:{port or {'https': 443, 'http': 80}.get(scheme, 0)}" in settings.PRIVATE_ORIGINS
    )
