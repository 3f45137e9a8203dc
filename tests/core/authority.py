"""A time-stamp authority on this machine: OpenSSL answers, behind a small web server."""

import subprocess
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.core.fetch_server import Server

_CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:false
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = here
[here]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = {digests}
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


class Authority:
    """`authority.url` stamps what is sent there; `authority.root` is its root certificate."""

    def __init__(self, folder: Path, server: Server, *, key: str = "ec", digests: str = "sha256, sha512") -> None:
        self.folder, self.server = folder, server
        folder.mkdir()
        (folder / "conf").write_text(_CONFIG.format(digests=digests))
        (folder / "serial").write_text("01")
        kind = ["-newkey", "rsa:2048"] if key == "rsa" else ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        _openssl(
            folder, "req", "-x509", *kind, "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days", "9",
            "-subj", "/CN=Root of tests", "-config", "conf", "-extensions", "root",
        )  # fmt: skip
        _openssl(
            folder, "req", *kind, "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Stamps of tests",
            "-config", "conf",
        )  # fmt: skip
        _openssl(
            folder, "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial",
            "-days", "9", "-extfile", "conf", "-extensions", "stamping", "-out", "tsa.pem",
        )  # fmt: skip
        self.asked: list[bytes] = []
        self.root = folder / "root.pem"
        self.url = server.on("/stamp", self._answer)

    def reply(self, query: bytes) -> bytes:
        (self.folder / "query").write_bytes(query)
        _openssl(self.folder, "ts", "-reply", "-queryfile", "query", "-config", "conf", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        query = _body(request)
        self.asked.append(query)
        _send(request, self.reply(query), 200)


def sends(content: bytes, status: int = 200) -> Callable[[Any], None]:
    """An answer with these bytes, whatever was asked."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        _body(request)
        _send(request, content, status)

    return answer


def _body(request: BaseHTTPRequestHandler) -> bytes:
    return request.rfile.read(int(request.headers["Content-Length"]))


def _send(request: BaseHTTPRequestHandler, content: bytes, status: int) -> None:
    request.send_response(status)
    request.send_header("Content-Type", "application/timestamp-reply")
    request.send_header("Content-Length", str(len(content)))
    request.end_headers()
    request.wfile.write(content)
