"""A web server on this machine for the tests of `core.fetch` and of pictures: each path does one thing."""

import threading
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server:
    """`server.on("/a.png", content)` answers with bytes, `on("/b", function)` with whatever that writes."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return self._http.server_address[1]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        return [path for path, _headers in self.seen]

    def on(self, path: str, answer: bytes | Callable[[BaseHTTPRequestHandler], None], **headers: str) -> str:
        """What a path answers from now on; returns its address."""
        self.answers[path] = (answer, headers)
        return self.origin + path

    def says(self, path: str, status: int, **headers: str) -> str:
        """A path that answers with a status and no content; `Retry_After="5"` is the header Retry-After."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", "0")
            request.end_headers()

        return self.on(path, answer)

    def stop(self) -> None:
        self.over.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.seen.append((self.path, dict(self.headers)))
                answer, headers = server.answers.get(self.path, (None, {}))
                with suppress(ConnectionError):
                    if callable(answer):
                        answer(self)
                        return
                    self.send_response(404 if answer is None else 200)
                    for name, value in headers.items():
                        self.send_header(name.replace("_", "-"), value)
                    self.send_header("Content-Length", str(len(answer or b"")))
                    self.end_headers()
                    self.wfile.write(answer or b"")

            do_POST = do_GET

            def log_message(self, *args: Any) -> None:
                pass

        return Handler
