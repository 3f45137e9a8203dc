"""However large, slow, packed or winding the answer is: a fetch ends in time, within its bytes, with a word why."""

import gzip
import threading
import time
import tracemalloc
import zlib

import pytest

from core.fetch import Refused, Unreachable, fetch
from tests.core.fetch_server import Server


@pytest.fixture
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def get(server):
    def got(path, *, max_bytes=1000, seconds=5.0):
        return fetch(
            server.origin + path, max_bytes=max_bytes, seconds=seconds, trusted_origins={server.origin}
        ).content

    return got


def raw(head, *parts, pause=0.0, server=None):
    """An answer written byte by byte as it is, `pause` seconds between its parts, until somebody hangs up."""

    def answer(request):
        request.wfile.write(head)
        for part in parts:
            if pause and server.over.wait(pause):
                return
            request.wfile.write(part)
            request.wfile.flush()

    return answer


def test_what_is_as_large_as_allowed_comes_and_one_byte_more_does_not(server, get):
    server.on("/fits", b"x" * 1000)
    server.on("/more", b"x" * 1001)
    assert get("/fits") == b"x" * 1000
    with pytest.raises(Refused, match="larger"):
        get("/more")


def test_an_answer_that_does_not_say_its_length_is_counted_as_it_comes(server, get):
    server.on("/endless", raw(b"HTTP/1.0 200 OK\r\n\r\n", *[b"x" * 500] * 10))
    with pytest.raises(Refused, match="larger"):
        get("/endless")


def test_a_length_that_lies_is_not_believed(server, get):
    server.on("/short", raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"x" * 10))
    with pytest.raises(Unreachable):
        get("/short")


def test_packed_content_is_unpacked_and_counted_unpacked(server, get):
    server.on("/gzip", gzip.compress(b"y" * 900), Content_Encoding="gzip")
    server.on("/deflate", zlib.compress(b"y" * 900), Content_Encoding="deflate")
    server.on("/trailing", gzip.compress(b"y" * 900) + b"z" * 5000, Content_Encoding="GZIP")
    assert get("/gzip") == get("/deflate") == get("/trailing", max_bytes=10_000) == b"y" * 900
    server.on("/gzip", gzip.compress(b"y" * 1001), Content_Encoding="gzip")
    with pytest.raises(Refused, match="larger"):
        get("/gzip")


def test_a_bomb_is_let_go_before_it_goes_off(server, get):
    server.on("/bomb", gzip.compress(bytes(200_000_000), compresslevel=1), Content_Encoding="gzip")
    tracemalloc.start()
    try:
        with pytest.raises(Refused, match="larger"):
            get("/bomb", max_bytes=1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd", "x-unheard-of"])
def test_an_encoding_that_was_not_asked_for_is_refused(server, get, encoding):
    server.on("/odd", gzip.compress(b"y"), Content_Encoding=encoding)
    with pytest.raises(Refused):
        get("/odd")


def test_damaged_packing_is_refused_and_a_cut_one_tried_again(server, get):
    server.on("/damaged", b"no gzip at all", Content_Encoding="gzip")
    server.on("/cut", gzip.compress(b"y" * 900)[:-12], Content_Encoding="gzip")
    with pytest.raises(Refused):
        get("/damaged")
    with pytest.raises(Unreachable):
        get("/cut")


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "],
    ids=["content", "headers"],
)
def test_an_answer_that_drips_ends_when_its_time_is_over(server, get, head):
    server.on("/drip", raw(head, *[b"x"] * 900, pause=0.05, server=server))
    started = time.monotonic()
    with pytest.raises(Unreachable, match="within"):
        get("/drip", seconds=0.4)
    assert time.monotonic() - started < 2


def test_a_server_that_says_nothing_is_left_in_time(server, get):
    server.on("/silent", lambda request: server.over.wait(10))
    with pytest.raises(Unreachable, match="within"):
        get("/silent", seconds=0.3)


def test_a_name_that_is_looked_up_for_ever_is_left_in_time():
    end = threading.Event()

    def resolve(host, port):
        end.wait(10)
        return []

    with pytest.raises(Unreachable, match="within"):
        fetch("http://mall.example/", max_bytes=10, seconds=0.2, resolve=resolve)
    end.set()


def test_a_host_that_nobody_knows_is_tried_again_later():
    def resolve(host, port):
        raise OSError("Name or service not known")

    with pytest.raises(Unreachable, match="not known"):
        fetch("http://mall.example/", max_bytes=10, resolve=resolve)


def test_three_redirects_are_followed_and_a_fourth_is_not(server, get):
    for n in range(5):
        server.says(f"/{n}", (301, 302, 303, 307, 308)[n], Location=f"/{n + 1}")
    server.on("/3", b"picture")
    assert get("/0") == b"picture"
    server.says("/3", 302, Location="/4")
    with pytest.raises(Refused, match="redirects"):
        get("/0")


def test_a_redirect_to_nowhere_is_refused(server, get):
    server.says("/a", 302)
    server.says("/b", 302, Location="http://mall.example:x/")
    server.says("/c", 302, Location="http://xn--a.com/")
    for path in ("/a", "/b", "/c"):
        with pytest.raises(Refused):
            get(path)


@pytest.mark.parametrize("status", [204, 206, 304, 400, 401, 403, 404, 410])
def test_an_answer_without_the_thing_is_final(server, get, status):
    server.says("/a", status)
    with pytest.raises(Refused, match=str(status)):
        get("/a")


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503])
def test_a_server_in_trouble_is_tried_again_when_it_asks_to(server, get, status):
    server.says("/a", status, Retry_After="120")
    with pytest.raises(Unreachable, match=str(status)) as failure:
        get("/a")
    assert failure.value.retry_after_seconds == 120


def test_what_is_no_http_is_tried_again(server, get):
    server.on("/a", raw(b"SSH-2.0-OpenSSH_9.6\r\n"))
    with pytest.raises(Unreachable):
        get("/a")


def test_a_closed_port_is_tried_again(server):
    gone = Server()
    gone.stop()
    with pytest.raises(Unreachable):
        fetch(gone.origin, max_bytes=10, trusted_origins={gone.origin})
