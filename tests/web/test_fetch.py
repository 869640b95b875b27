"""The one fetch helper: forty addresses in many spellings, rebinding, redirects, slow and large answers."""

from __future__ import annotations

import ipaddress
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from portal import connections
from portal.addresses import is_public
from portal.fetch import Refused, Unreachable, addresses, fetch, target

# Forty addresses that lead elsewhere than to a public machine.
NOT_PUBLIC = """0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.127.255.254 127.0.0.1 127.255.0.1
169.254.169.254 169.254.0.1 172.16.0.1 172.31.255.255 192.0.0.8 192.0.0.170 192.0.2.1 192.88.99.1 192.168.0.1
198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.1.2.3 240.0.0.1 255.255.255.255
:: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::7f00:1 100::1 2001::1
2001:db8::1 2002:7f00:1:: 3fff::1 fc00::1 fd12:3456::1 fe80::1 ff02::1""".split()
PUBLIC = "1.1.1.1 8.8.8.8 93.184.216.34 172.32.0.1 2606:4700::1111 2a00:1450:4001::1".split()


def test_forty_addresses_are_not_public():
    assert len(NOT_PUBLIC) == 40
    assert [text for text in NOT_PUBLIC if is_public(ipaddress.ip_address(text))] == []
    assert [text for text in PUBLIC if not is_public(ipaddress.ip_address(text))] == []


def spellings(text):
    """Ways to write an address in a URL; only the first is the plain one."""
    address = ipaddress.ip_address(text)
    if address.version == 6:
        return [f"[{text}]", f"[{address.exploded}]", f"[{address.exploded.upper()}]"]
    parts = [int(part) for part in text.split(".")]
    number = int(address)
    return [
        text,
        f"[::ffff:{text}]",
        str(number),
        hex(number),
        "0" + oct(number)[2:],
        ".".join(hex(part) for part in parts),
        ".".join(f"0{part:o}" for part in parts),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{number & 0xFFFF}",
        f"0x{parts[0]:x}.{number & 0xFFFFFF}",
        text + ".",
        "".join(chr(ord("０") + int(c)) if c.isdigit() else c for c in text),
        text.replace(".", "。"),
    ]


@pytest.fixture
def no_connections(monkeypatch):
    """Fails when anything is connected to."""
    made = []
    monkeypatch.setattr(
        socket, "create_connection", lambda *a, **k: made.append(a) or (_ for _ in ()).throw(OSError())
    )
    return made


def test_no_spelling_of_them_is_connected_to(no_connections):
    refused = 0
    for text in NOT_PUBLIC:
        for host in spellings(text):
            with pytest.raises((Refused, Unreachable)):
                fetch(f"https://{host}/")
            refused += 1

    assert refused > 350
    assert no_connections == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "javascript:alert(1)",
        "//example.com/",
        "https:///path",
        "https://",
        "https://user@example.com/",
        "https://user:pass@example.com/",
        "https://example.com:0/",
        "https://example.com:99999/",
        "https://example.com:8x/",
        "https://example.com/#fragment",
        "https://example.com\\@evil.example/",
        "https://exa mple.com/",
        "https://example.com/\r\nHost: evil",
        "https://example.com/\u2028",
        "https://ex\u0430mple.com/",
        "https://-example.com/",
        "https://example..com/",
        "https://[::1/",
        "https://[::1%25lo]/",
        "https://" + "a" * 64 + ".com/",
        "https://example.com/" + "a" * 3000,
        "",
    ],
)
def test_odd_addresses_are_refused(url):
    with pytest.raises(Refused):
        target(url)


def test_the_parts_of_a_good_address():
    goal = target("https://Login.Example.com:8443/a/b?c=d%20e")

    assert (goal.host, goal.port, goal.path, goal.host_header) == (
        "login.example.com",
        8443,
        "/a/b?c=d%20e",
        "login.example.com:8443",
    )
    assert target("https://example.com").host_header == "example.com"


def resolving(monkeypatch, *answers):
    """The resolver gives these lists of addresses, one a question."""
    asked = iter(answers)
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_: [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 443)) for text in next(asked)],
    )


def test_one_private_address_among_public_ones_refuses_all(monkeypatch, no_connections):
    for mixed in (["1.1.1.1", "127.0.0.1"], ["10.0.0.1"], ["8.8.8.8", "169.254.169.254"], []):
        resolving(monkeypatch, mixed)
        with pytest.raises(Refused):
            fetch("https://rebind.example/")

    assert no_connections == []


def test_the_checked_address_is_the_one_connected_to(monkeypatch, no_connections):
    """A thousand rounds with a name that turns private after the first look."""
    for _ in range(1000):
        resolving(monkeypatch, ["1.1.1.1"], ["127.0.0.1"])
        with pytest.raises(Unreachable):
            fetch("https://rebind.example/")

    assert {made[0] for made in no_connections} == {("1.1.1.1", 443)}


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch):
    done = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: done.wait(5))
    begun = time.monotonic()
    with pytest.raises(Unreachable):
        addresses("slow.example", 443, seconds=0.2)
    done.set()

    assert time.monotonic() - begun < 1


# ---------------------------------------------------------------- a server on loopback, allowed by the switch


@pytest.fixture(scope="module")
def server():
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            getattr(self, self.path.strip("/").split("?")[0], self.plain)()

        do_POST = do_GET

        def plain(self, status=200, body=b"hello", **headers):
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length) or body
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Host-Seen", self.headers["Host"])
            self.send_header("Line", str(self.client_address[1]))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def redirect(self):
            self.plain(302, b"", Location="/plain")

        def packed(self):
            self.plain(Content_Encoding="gzip")

        def large(self):
            self.plain(body=b"x" * 5000)

        def endless(self):
            self.send_response(200)
            self.end_headers()
            self.drip(b"x" * 1000)

        def cut_off(self):
            self.send_response(200)
            self.send_header("Content-Length", "500")
            self.end_headers()
            self.wfile.write(b"half")
            self.close_connection = True

        def slow(self):
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            self.drip(b"X: 1\r\n")

        def nonsense(self):
            self.wfile.write(b"SSH-2.0-OpenSSH\r\n\r\n")
            self.close_connection = True

        def drip(self, piece):
            self.close_connection = True
            try:
                for _ in range(100):
                    self.wfile.write(piece)
                    time.sleep(0.05)
            except OSError:
                return

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def allowed(settings):
    settings.ALLOW_PRIVATE_FETCH = True


def test_the_switch_lets_a_demo_reach_loopback(server, settings, allowed):
    answer = fetch(f"{server}/plain?q=1", headers={"Host": "evil.example"})

    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.headers["host-seen"] == server.removeprefix("http://")
    settings.ALLOW_PRIVATE_FETCH = False
    with pytest.raises(Refused):
        fetch(server)


def test_a_body_is_sent(server, allowed):
    assert fetch(f"{server}/plain", method="POST", body=b"a=b").body == b"a=b"


def test_a_redirect_is_an_answer_and_not_followed(server, allowed):
    answer = fetch(f"{server}/redirect")

    assert (answer.status, answer.headers["location"], answer.body) == (302, "/plain", b"")


@pytest.mark.parametrize("path", ["large", "endless", "packed", "nonsense", "cut_off"])
def test_too_much_or_nonsense_is_unreachable(server, allowed, path):
    with pytest.raises(Unreachable):
        fetch(f"{server}/{path}", limit=4000)


def test_a_server_that_drips_is_left_after_the_total_time(server, allowed):
    begun = time.monotonic()
    with pytest.raises(Unreachable):
        fetch(f"{server}/slow", total=0.5)

    assert time.monotonic() - begun < 0.8


def test_a_closed_port_is_unreachable_at_once(allowed):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    with pytest.raises(Unreachable):
        fetch(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize("name", ["X\r\nEvil", "Evil: x\nX"])
def test_headers_cannot_be_smuggled(server, allowed, name):
    with pytest.raises(Unreachable):
        fetch(server, headers={name: "1"})
    with pytest.raises(Unreachable):
        fetch(server, headers={"X": f"1\r\n{name}: 2"})


def test_tls_needs_a_certificate_of_the_name(monkeypatch, server, allowed):
    assert connections.tls().check_hostname
    with pytest.raises(Unreachable):
        fetch(server.replace("http://", "https://"))


@pytest.fixture
def fresh_lines():
    connections.pool("http").close()
    connections.pool.cache_clear()


def test_a_connection_is_kept_only_where_that_was_asked_for(server, allowed, fresh_lines):
    def lines(**how):
        return {fetch(f"{server}/plain", **how).headers["line"] for _ in range(3)}

    assert len(lines(is_kept=True)) == 1
    assert len(lines()) >= 2  # the kept one, and others


@pytest.mark.parametrize("path", ["large", "endless", "packed", "nonsense", "cut_off"])
def test_a_kept_connection_does_not_outlive_a_broken_answer(server, allowed, fresh_lines, path):
    first = fetch(f"{server}/plain", is_kept=True).headers["line"]
    with pytest.raises(Unreachable):
        fetch(f"{server}/{path}", limit=4000, is_kept=True)

    answer = fetch(f"{server}/plain", is_kept=True)
    assert (answer.body, answer.headers["line"] == first) == (b"hello", False)


def test_a_kept_connection_obeys_each_call_s_own_end(server, allowed, fresh_lines):
    fetch(f"{server}/plain", is_kept=True)
    begun = time.monotonic()
    with pytest.raises(Unreachable):
        fetch(f"{server}/slow", is_kept=True, total=0.3)

    assert time.monotonic() - begun < 0.6


def test_an_inner_deadline_leaves_the_outer_one_in_force(server, allowed):
    begun = time.monotonic()
    with connections.deadline(0.3):
        assert fetch(f"{server}/plain").status == 200
        with pytest.raises(Unreachable):
            fetch(f"{server}/slow")

    assert time.monotonic() - begun < 0.6
    assert fetch(f"{server}/plain").status == 200
