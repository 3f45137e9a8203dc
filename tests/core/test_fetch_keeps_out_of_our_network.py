"""What a stranger names is fetched from the internet or not at all: no way leads into our own network."""

import ipaddress

import httpcore
import pytest

from core.fetch import Refused, Unreachable, fetch, is_public, origin_of
from tests.core.fetch_server import Server

PUBLIC = "93.184.216.34"


@pytest.fixture
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def connected(monkeypatch):
    """Addresses to which a connection was tried; each of them is refused."""
    tried = []

    def connect(self, host, port, timeout=None, local_address=None, socket_options=None):
        tried.append((host, port))
        raise httpcore.ConnectError("refused")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    return tried


def get(url, **rest):
    return fetch(url, max_bytes=1000, **rest)


def named(*answers):
    """A resolver that gives these answers one after the other, and remembers how often it was asked."""
    left = list(answers)

    def resolve(host, port):
        resolve.asked += 1
        return left.pop(0) if len(left) > 1 else left[0]

    resolve.asked = 0
    return resolve


@pytest.mark.parametrize(
    "url",
    [
        "ftp://mall.example/a.png",
        "file:///etc/passwd",
        "gopher://mall.example:80/",
        "data:image/png;base64,AA==",
        "//mall.example/a.png",
        "mall.example/a.png",
        "http://",
        "http:///a.png",
        "http://user:password@mall.example/a.png",
        "http://user@mall.example/a.png",
        "http://mall.example:0/",
        "http://mall.example:99999/",
        "http://mall.example:x/",
        "http://[::1/",
        "http://mall.example/\x00",
        "",
    ],
)
def test_what_is_no_plain_address_of_the_web_is_refused(url, connected):
    with pytest.raises(Refused):
        get(url, resolve=named([PUBLIC]))
    assert connected == []


@pytest.mark.parametrize("port", [22, 25, 6379, 8000, 8080, 8443])
def test_ports_other_than_80_and_443_are_refused(port, connected):
    with pytest.raises(Refused, match="port"):
        get(f"http://mall.example:{port}/", resolve=named([PUBLIC]))
    assert connected == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.1.2.3", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
        "2001::1", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "100::1", "fc00::1", "fd00:ec2::254", "fe80::1",
        "fe80::1%eth0", "fec0::1", "ff02::1", "ff0e::1", "4000::1", "8000::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address, connected):
    with pytest.raises(Refused, match="not public"):
        get("http://mall.example/a.png", resolve=named([address]))
    assert connected == []


@pytest.mark.parametrize("address", [PUBLIC, "8.8.8.8", "2606:2800:220:1::1", "64:ff9b::5db8:d822", "::ffff:8.8.8.8"])
def test_a_public_address_is_connected_to(address, connected):
    assert is_public(ipaddress.ip_address(address))
    with pytest.raises(Unreachable):
        get("https://mall.example/a.png", resolve=named([address]))
    assert [ipaddress.ip_address(host) for host, _port in connected] == [ipaddress.ip_address(address)]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0177.0.0.1",
    ],
)
def test_this_machine_by_any_of_its_names_is_refused(host, connected):
    with pytest.raises((Refused, Unreachable)):
        get(f"http://{host}/")
    assert connected == []


def test_one_private_address_among_public_ones_makes_the_host_suspect(connected):
    with pytest.raises(Refused):
        get("http://mall.example/", resolve=named([PUBLIC, "10.0.0.1"]))
    assert connected == []


def test_the_host_is_resolved_once_and_the_line_goes_to_the_address_that_was_judged(connected):
    rebinding = named([PUBLIC], ["127.0.0.1"])
    with pytest.raises(Unreachable):
        get("http://mall.example/a.png", resolve=rebinding)
    assert rebinding.asked == 1
    assert connected == [(PUBLIC, 80)]


def test_every_redirect_is_judged_anew(server):
    inside = Server()
    try:
        inside.on("/secret", b"ours")
        for path, to in {
            "/port": inside.origin + "/secret",
            "/machine": "http://127.0.0.1/secret",
            "/name": "http://localhost/secret",
            "/file": "file:///etc/passwd",
            "/meta": "http://169.254.169.254/latest/meta-data/",
        }.items():
            server.says(path, 302, Location=to)
            with pytest.raises(Refused):
                get(server.origin + path, trusted_origins={server.origin})
        assert inside.seen == []
    finally:
        inside.stop()


def test_a_host_that_rebinds_between_two_redirects_is_refused(server):
    server.says("/a", 302, Location="/b")
    server.on("/b", b"picture")
    origin = f"http://mall.example:{server.port}"
    with pytest.raises(Refused):
        get(f"{origin}/a", trusted_origins={origin}, resolve=named(["127.0.0.1"], ["169.254.169.254"]))
    assert server.paths == ["/a"]


# --- origins that are trusted -----------------------------------------------------------------------------------


def test_a_trusted_origin_may_lie_in_our_network(server):
    server.on("/a.png", b"picture")
    found = get(f"{server.origin}/a.png", trusted_origins={server.origin})
    assert (found.content, found.url) == (b"picture", f"{server.origin}/a.png")


def test_trust_is_by_scheme_host_and_port_exactly(server):
    server.on("/a.png", b"picture")
    port = server.port
    for trusted in (
        f"https://127.0.0.1:{port}", "http://127.0.0.1:80", f"http://localhost:{port}", "http://127.0.0.1",
        f"http://127.0.0.1:{port + 1}", f"http://127.0.0.1:{port}/", "",
    ):  # fmt: skip
        with pytest.raises(Refused):
            get(f"{server.origin}/a.png", trusted_origins={trusted})
    for url in (f"http://127.0.0.1:{port}@evil.example/", f"http://127.0.0.1.evil.example:{port}/"):
        with pytest.raises((Refused, Unreachable)):
            get(url, trusted_origins={server.origin})
    assert server.seen == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "224.0.0.1"])
def test_even_a_trusted_name_does_not_lead_to_where_clouds_keep_their_secrets(address, connected):
    with pytest.raises(Refused):
        get("http://mall.internal/", trusted_origins={"http://mall.internal:80"}, resolve=named([address]))
    assert connected == []


def test_the_other_side_is_told_the_name_that_was_asked_for_and_nothing_of_ours(server):
    server.says("/a", 302, Location="/b", Set_Cookie="session=1; Path=/")
    server.on("/b", b"picture")
    origin = f"http://mall.example:{server.port}"
    get(f"{origin}/a", trusted_origins={origin}, resolve=named(["127.0.0.1"]))
    assert server.paths == ["/a", "/b"]
    headers = {name.lower(): value for name, value in server.seen[1][1].items()}
    assert headers.pop("host") == f"mall.example:{server.port}"
    assert headers == {"user-agent": "ippro", "accept": "*/*", "accept-encoding": "identity", "connection": "close"}


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://Mall.Example/a", "http://mall.example:80"),
        ("HTTPS://mall.example:443/", "https://mall.example:443"),
        ("http://127.0.0.1:8001/x?y", "http://127.0.0.1:8001"),
        ("http://[::1]:8001/", "http://[::1]:8001"),
        ("http://bücher.example/", "http://xn--bcher-kva.example:80"),
        ("ftp://mall.example/", None),
        ("nothing", None),
    ],
)
def test_an_origin_is_written_in_one_way(url, origin):
    assert origin_of(url) == origin
