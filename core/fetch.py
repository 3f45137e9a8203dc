"""The one client with which the house calls addresses that somebody else named: for pictures, and with events.

A stranger's address must not become our request into our own network (CWE-918). So the guard stands where
the connection is made, on httpcore, the layer under httpx: the host is resolved once, every address that
it has is judged, and the line goes to an address that was judged, for the first address as for every
redirect. Time is limited for the whole, and size as the bytes come. There are no cookies, no passwords,
no proxies, and nothing of ours is told but the name of the program.
"""

import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx

SECONDS = 10.0
MOST_REDIRECTS = 3
PORTS = frozenset({80, 443})
LONGEST_WAIT_SECONDS = 86_400

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: from a host and a port to the addresses that it has; raises OSError
Resolve = Callable[[str, int], Sequence[str]]

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
#: addresses that reach somewhere else than they say, or nowhere: Teredo and its like, 6to4, documentation
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(net)
    for net in ("192.88.99.0/24", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)  # fmt: skip
#: where a trusted origin may be beside the internet. Not link-local, not 100.64.0.0/10, not this one of
#: fc00::/7: that is where clouds hand out their secrets.
_OWN_NETWORKS = tuple(
    ipaddress.ip_network(net)
    for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7")
)  # fmt: skip
_CLOUD_SECRETS = frozenset({ipaddress.ip_address("fd00:ec2::254")})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_TRANSIENT = frozenset({408, 425, 429})
_GONE = frozenset({404, 410, 451})


class FetchError(Exception):
    """Nothing was fetched; the text says why, for staff."""


class Refused(FetchError):
    """It must not be fetched, or what is there is not what was wanted: trying again changes nothing."""


class Gone(Refused):
    """The other side says that there is nothing, or nothing any more: 404, 410, or 451."""


class Unreachable(FetchError):
    """It could not be fetched now. `retry_after_seconds` is how long the other side asked to be left alone."""

    def __init__(self, reason: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came, and from which address after redirects. What it says it is, is not believed, and not told."""

    content: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the other side said to what was sent: its status, the beginning of its words, and how long to wait if it said."""

    status: int
    content: bytes
    retry_after_seconds: float | None = None


def origin_of(url: str) -> str | None:
    """Scheme, host and port of an address, as they are compared; None if it is no address of the web."""
    try:
        return _origin(_parsed(url))
    except Refused:
        return None


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_rest, sockaddr in found))


def fetch(
    url: str,
    *,
    max_bytes: int,
    seconds: float = SECONDS,
    trusted_origins: Collection[str] = (),
    accept: str = "*/*",
    resolve: Resolve = resolve,
) -> Fetched:
    """GET an address, and follow at most three redirects.

    `trusted_origins` (as `origin_of` writes them) may lie in our own network, and on ports other than 80
    and 443: exactly these, by scheme, host and port. Raises Refused or Unreachable. Not inside a transaction.
    """
    deadline = time.monotonic() + seconds
    here = _parsed(url)
    for _hop in range(MOST_REDIRECTS + 1):
        guard = _guard(here, deadline, trusted_origins, resolve)
        with _as_ours(seconds):
            found = _get(here, guard, accept=accept, max_bytes=max_bytes)
        if isinstance(found, bytes):
            return Fetched(content=found, url=str(here))
        here = found
    raise Refused(f"more than {MOST_REDIRECTS} redirects")


def post(
    url: str,
    *,
    content: bytes,
    headers: Mapping[str, str],
    max_bytes: int,
    seconds: float = SECONDS,
    trusted_origins: Collection[str] = (),
    resolve: Resolve = resolve,
) -> Answered:
    """POST to an address over https; no redirect is followed, and of the answer no more than `max_bytes` is read.

    Raises Refused for an address that must not be called, Unreachable for one that does not answer. Not inside a
    transaction.
    """
    here = _sendable(url, trusted_origins)
    guard = _guard(here, time.monotonic() + seconds, trusted_origins, resolve)
    with _as_ours(seconds):
        return _sent(here, guard, content=content, headers=headers, max_bytes=max_bytes)


def check(
    url: str, *, seconds: float = SECONDS, trusted_origins: Collection[str] = (), resolve: Resolve = resolve
) -> None:
    """Whether `post` would call this address, by what it leads to now. Raises Refused, Unreachable."""
    here = _sendable(url, trusted_origins)
    guard = _guard(here, time.monotonic() + seconds, trusted_origins, resolve)
    with _as_ours(seconds):
        guard.judged(here.raw_host.decode("ascii"), _port(here))


def _sendable(url: str, trusted_origins: Collection[str]) -> httpx.URL:
    here = _parsed(url)
    if here.scheme != "https" and _origin(here) not in trusted_origins:
        raise Refused("only https is called")
    return here


def _guard(here: httpx.URL, deadline: float, trusted_origins: Collection[str], resolve: Resolve) -> "_Guard":
    """What makes the line to an address. Raises Refused for a port that is not allowed."""
    trusted = _origin(here) in trusted_origins
    if not trusted and _port(here) not in PORTS:
        raise Refused(f"port {_port(here)} is not allowed")
    return _Guard(deadline=deadline, trusted=trusted, resolve=resolve)


@contextmanager
def _as_ours(seconds: float) -> Iterator[None]:
    """Every way in which a line can fail is Refused or Unreachable."""
    try:
        yield
    except httpcore.TimeoutException as slow:
        raise Unreachable(f"no answer within {seconds:g} s") from slow
    except (httpcore.LocalProtocolError, httpcore.UnsupportedProtocol) as wrong:
        raise Refused("the address is not usable") from wrong
    except (httpcore.NetworkError, httpcore.ProtocolError) as failure:
        raise Unreachable(f"no answer: {type(failure).__name__}") from failure


# --- addresses ---------------------------------------------------------------------------------------------


def _parsed(url: str | httpx.URL) -> httpx.URL:
    try:
        parsed = httpx.URL(url)
        # Decodes the labels of a host that is no ASCII: `xn--a` is none.
        host = parsed.host
    except (httpx.InvalidURL, TypeError, ValueError) as wrong:
        raise Refused("this is no address") from wrong
    if parsed.scheme not in ("http", "https"):
        raise Refused("only http and https are fetched")
    if not host or not 0 < _port(parsed) < 65536:
        raise Refused("this is no address")
    if parsed.userinfo:
        raise Refused("addresses with a user name are not fetched")
    return parsed


def _port(url: httpx.URL) -> int:
    return (443 if url.scheme == "https" else 80) if url.port is None else url.port


def _origin(url: httpx.URL) -> str:
    host = url.raw_host.decode("ascii").lower()
    return f"{url.scheme}://{f'[{host}]' if ':' in host else host}:{_port(url)}"


def is_public(address: Address) -> bool:
    """Whether an address is on the internet for everybody: not ours, not special, not a way around to either."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64:
            return is_public(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in _GLOBAL_UNICAST:
            return False
    special = address.is_multicast or address.is_reserved or any(address in net for net in _NOT_PUBLIC)
    return address.is_global and not special


def _may_be_ours(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address not in _CLOUD_SECRETS and any(address in net for net in _OWN_NETWORKS)


# --- the line ----------------------------------------------------------------------------------------------


class _Guard(httpcore.NetworkBackend):
    """Makes the line of one hop: resolves, judges, and connects to what was judged."""

    def __init__(self, *, deadline: float, trusted: bool, resolve: Resolve) -> None:
        self.deadline, self.trusted, self.resolve = deadline, trusted, resolve
        self.system = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("no address")
        for address in self.judged(host, port):
            try:
                left = _left(self.deadline, httpcore.ConnectTimeout)
                return _Line(self.system.connect_tcp(str(address), port, timeout=left), self.deadline)
            except (httpcore.ConnectError, OSError) as refused:
                failure = refused
        raise httpcore.ConnectError(str(failure)) from failure

    def judged(self, host: str, port: int) -> list[Address]:
        """All addresses of a host, if each of them may be reached: one that may not makes the rest suspect."""
        addresses = [ipaddress.ip_address(a) for a in self._resolved(host, port)]
        for address in addresses:
            if not (is_public(address) or (self.trusted and _may_be_ours(address))):
                raise Refused(f"{host} leads to an address that is not public")
        return addresses

    def _resolved(self, host: str, port: int) -> Sequence[str]:
        """The system's resolver knows no time limit, so it is asked beside us."""
        said: list[Sequence[str] | BaseException] = []

        def ask() -> None:
            try:
                said.append(self.resolve(host, port))
            except Exception as failure:
                said.append(failure)

        asking = threading.Thread(target=ask, name="fetch-resolve", daemon=True)
        asking.start()
        asking.join(_left(self.deadline, httpcore.ConnectTimeout))
        if not said:
            raise httpcore.ConnectTimeout()
        if isinstance(said[0], UnicodeError):
            raise Refused("this is no host") from said[0]
        if isinstance(said[0], BaseException):
            raise Unreachable(f"{host} is not known") from said[0]
        return said[0]


class _Line(httpcore.NetworkStream):
    """A connection on which nothing takes longer than what is left of the whole."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self.stream, self.deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(self.deadline, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(self.deadline, httpcore.WriteTimeout))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = _left(self.deadline, httpcore.ConnectTimeout)
        return _Line(self.stream.start_tls(ssl_context, server_hostname, left), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)


def _left(deadline: float, late: type[httpcore.TimeoutException]) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise late()
    return left


@cache
def _tls() -> ssl.SSLContext:
    return httpcore.default_ssl_context()


# --- one answer --------------------------------------------------------------------------------------------


def _get(url: httpx.URL, guard: _Guard, *, accept: str, max_bytes: int) -> bytes | httpx.URL:
    """The content that is there, or the address to which the answer leads on."""
    headers: dict[bytes | str, bytes | str] = {
        "User-Agent": "ippro",
        "Accept": accept,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    with (
        httpcore.ConnectionPool(ssl_context=_tls(), network_backend=guard, max_connections=1) as pool,
        pool.stream("GET", _target(url), headers=headers) as answer,
    ):
        said = httpx.Headers(answer.headers)
        if answer.status in _REDIRECTS:
            return _leads_to(url, said)
        _check_status(answer.status, said)
        length = said.get("Content-Length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > max_bytes:
            raise Refused(f"larger than {max_bytes} bytes")
        return _content(answer.iter_stream(), said.get("Content-Encoding", ""), max_bytes=max_bytes)


def _target(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _sent(url: httpx.URL, guard: _Guard, *, content: bytes, headers: Mapping[str, str], max_bytes: int) -> Answered:
    """What is answered to a POST; of a long answer the beginning."""
    ours = {"User-Agent": "ippro", "Accept-Encoding": "identity", "Connection": "close"}
    sent: list[tuple[bytes | str, bytes | str]] = [
        *headers.items(),
        *ours.items(),
        ("Content-Length", str(len(content))),
    ]
    with (
        httpcore.ConnectionPool(ssl_context=_tls(), network_backend=guard, max_connections=1) as pool,
        pool.stream("POST", _target(url), headers=sent, content=content) as answer,
    ):
        said = bytearray()
        for part in answer.iter_stream():
            said += part[: max_bytes - len(said)]
            if len(said) >= max_bytes:
                break
        return Answered(answer.status, bytes(said), _retry_after(httpx.Headers(answer.headers)))


def _retry_after(said: httpx.Headers) -> float | None:
    wait = said.get("Retry-After", "").strip()
    return min(float(wait[:9]), LONGEST_WAIT_SECONDS) if wait.isascii() and wait.isdigit() else None


def _leads_to(url: httpx.URL, said: httpx.Headers) -> httpx.URL:
    if not said.get("Location"):
        raise Refused("a redirect to nowhere")
    try:
        return _parsed(url.join(said["Location"]))
    except (httpx.InvalidURL, ValueError) as wrong:
        raise Refused("a redirect to what is no address") from wrong


def _check_status(status: int, said: httpx.Headers) -> None:
    if 200 <= status < 300 and status not in (204, 205, 206):
        return
    if status >= 500 or status in _TRANSIENT:
        raise Unreachable(f"answered {status}", retry_after_seconds=_retry_after(said))
    raise (Gone if status in _GONE else Refused)(f"answered {status}")


def _content(parts: Iterator[bytes], encoding: str, *, max_bytes: int) -> bytes:
    """The decoded bytes. Never more than one over the limit are held: a bomb is let go before it goes off."""
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise Refused("an encoding that was not asked for")
    unpack = None if encoding in ("", "identity") else zlib.decompressobj(wbits=47)
    content = bytearray()
    for part in parts:
        if unpack is not None:
            try:
                part = unpack.decompress(part, max_bytes - len(content) + 1)
            except zlib.error as damaged:
                raise Refused("what came is damaged") from damaged
        content += part
        if len(content) > max_bytes:
            raise Refused(f"larger than {max_bytes} bytes")
        if unpack is not None and unpack.eof:
            break
    if unpack is not None and not unpack.eof:
        raise Unreachable("what came was cut short")
    return bytes(content)
