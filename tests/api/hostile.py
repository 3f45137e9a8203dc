"""What programs send that no description allows for: values in bodies, headers, queries and addresses, one at a time.

Schemathesis makes up what fits a schema or nearly does; these are what has broken programs before. Each is put in place
of one value of a call that is good otherwise, so that it comes as far as it can.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

#: in place of a value in JSON, whatever it is to be
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**300, 1e308, 0.1, "", " ", "0", "\x00", "a\x00b", "\ud800",
    "\u202e", "\u0130\u0131", "\U0001f600", "x" * 40_000, "9" * 5_000, "1e400", "NaN", "-0", "../../etc/passwd", "%00",
    "'; DROP TABLE x; --", "{{7*7}}", "0000-00-00", "9999-12-31", "10000-01-01", "0001-01-01", "2026-02-30",
    "2026-03-02T25:61:61Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "http://[", "http://[::1",
    "https://\ud83d", "https://xn--a.example/", "//", "whsec_x", "①②⑦.⓪.⓪.①", [], {}, [None], [[]], [{}], [[[[]]]],
    json.loads("[" * 900 + "]" * 900), {"": ""}, {"\x00": "\x00"}, {"id": 1}, ["\x00"], ["\ud800"], [2**64], ["a"] * 2_000, {"$ref": "#"},
)  # fmt: skip
#: instead of the whole body, as bytes
BODIES = (
    b"", b"null", b"true", b"0", b'""', b"[]", b"[[]]", b"{", b'{"a":', b"\xff\xfe", b"\xef\xbb\xbf{}", b"NaN",
    b'{"a": NaN}', b'{"a": Infinity}', b"-" + b"9" * 5_000, b"[" * 100_000, b'{"a":' * 5_000, b'"\\ud800"',
    b'{"a": 1, "a": 2}', b'{"\\ud800": 1}', b"1e999999",
)  # fmt: skip
MEDIA_TYPES = (
    "", "application/json; charset=utf-16", "application/json; charset=nonsense",
    "application/json; charset=zlib", "application/json; charset=rot13", "application/json; charset=undefined",
    "application/json; charset=idna", "multipart/form-data; charset=zlib; boundary=x", "application/json; charset=base64", "application/json;", "text/plain",
    "application/problem+json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded", "application/xml", "*/*", "\xff", "json",
)  # fmt: skip
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Idempotency-Key": ("\x7f", "x" * 255, "x" * 256, "\xe9", "é", " ", '"a"', "a,b", "\u2028", "\x85"),
    "If-Match": ("*", "", '""', "W/", '"x', '"é"', ",", ", ,", '"a", "b"', "x" * 8_000, "\xff"),
    "Accept": ("text/html", "text/csv", "application/xml", "*", "/", "application/json;q=x", "a/b;" * 500, "\xff", "*/*;q=0"),
    "Accept-Language": ("xx", "zh-hans", "é", "-", "en;q=2", "x" * 500, "../../en", "\xff", "zh_Hans"),
    "Authorization": ("Bearer", "Bearer ", "Bearer \xff", "Basic x", "Basic " + "eDp5" * 100, "bearer a b", "\xff", "Token x"),
    "Cookie": ("sessionid=", "sessionid=\xff", "sessionid=" + "x" * 3_000, ";;=;"),
    "Ippro-Marketplace": ("\xff", "x" * 400),
    "webhook-id": ("\xff",),
    "webhook-timestamp": ("-1", "٣", "1e9", "9" * 400, "253402300800"),
}  # fmt: skip
QUERIES = (
    "", "\x00", "a\x00", "0", "-1", "1.5", "NaN", "9" * 400, "9" * 18, "true", "\ud83d\ude00", "x" * 3_000, "'", "%", "_", "[]",
    "0000-00-00", "9999-12-31", "10000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "2026-03-02T00:00:00 00:00", "cD0x", "cD0", "bz0tMSZwPTE=", "cj0xJnA9LTE=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "bz05OTk5OTk5OTk=",
    "cD0lMDA=", "////", "\xff",
)  # fmt: skip
#: in an address, quoted already
PARTS = (
    "%00", "a%00b", "%ff", "%ed%a0%80", "%F0%9F%98%80", "0", "-1", "x" * 3_000, "..%2f..", "%2e%2e", "'", "%25", "a%0ab", "%20",
    "cmp_" + "0" * 26, "CMP_" + "0" * 26, "٣", "side-by-side",
)  # fmt: skip


@dataclass(frozen=True)
class Call:
    """One call: what it says, and `why`, what is odd about it."""

    method: str
    path: str
    why: str
    body: bytes = b""
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


def calls(
    path: str, method: str, operation: Mapping[str, Any], base: Any, ids: Mapping[str, str]
) -> Iterator[Callable[[], Call]]:
    """Every odd call of one operation, each made when it is asked for: they are many, and some are long.

    `base` is a body that would do, `ids` are parts of the address that name something.
    """
    good = re.sub(r"\{(\w+)\}", lambda found: ids.get(found[1], "x"), path)
    plain = json.dumps(base).encode() if base is not None else b""
    call = partial(Call, method.upper())
    if base is not None:
        for why, make in _changed(base):
            yield lambda why=why, make=make: call(good, why, json.dumps(make()).encode())  # type: ignore[misc]
        for body in BODIES:
            yield partial(call, good, f"body {body[:20]!r}", body)
    if method in ("post", "patch", "put"):
        for kind in MEDIA_TYPES:
            yield partial(call, good, f"Content-Type {kind!r}", plain or b"{}", kind)
    for name, values in HEADERS.items():
        for value in values:
            yield partial(call, good, f"{name}: {value[:20]!r}", plain, headers={name: value})
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        for value in QUERIES if parameter["in"] == "query" else ():
            said = urlencode({name: value}, errors="surrogatepass")
            yield partial(call, f"{good}?{said}", f"?{name}={value[:30]!r}", plain)
        for part in PARTS if parameter["in"] == "path" else ():
            named = {**ids, name: part}
            to = re.sub(r"\{(\w+)\}", lambda found, named=named: named.get(found[1], "x"), path)  # type: ignore[misc]
            yield partial(call, to, f"{{{name}}} {part[:20]}", plain)
    yield partial(call, f"{good}?{'a=b&' * 3_000}", "three thousand fields in the query", plain)


def _changed(base: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """The body with one value another one, at each place in turn; and without each of its fields, and with one more."""
    for place in _places(base):
        for value in VALUES:
            yield f"{'.'.join(map(str, place))} = {str(value)[:30]!r}", partial(_with, base, place, value)
    if isinstance(base, dict):
        for name in base:
            yield f"without {name}", partial(_without, base, name)
        yield "one field more", lambda: {**base, "\x00": 1, "__proto__": {}, "id": "x"}


def _without(base: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in base.items() if key != name}


def _places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value[:1]))
    for key, one in inner:
        yield (*at, key)
        yield from _places(one, (*at, key))


def _with(base: Any, place: tuple[Any, ...], value: Any) -> Any:
    made = deepcopy(base)
    inside = made
    for key in place[:-1]:
        inside = inside[key]
    inside[place[-1]] = value
    return made
