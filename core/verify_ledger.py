#!/usr/bin/env python3
"""Checks what ippro says about its ledger, without ippro: one file, Python 3.11 and the package `cryptography`.

    python verify_ledger.py certificate.json     one entry, with its proof and the signed head of the ledger
    python verify_ledger.py export.jsonl         a whole ledger; names the first entry that is not as it was sealed

Exit status: 0 all is well; 1 something is not; 2 the question cannot be answered (no such file, no such key); 3 all fits,
but nobody knows who signed it: the key comes with the document itself, and none was named with --key; 4 all fits, and
says that the certificate was withdrawn or revoked since.
What is hashed and signed, byte for byte: docs/reference/ledger.md, RFC 9162 section 2.1, RFC 3161.
"""

import argparse
import hashlib
import json
import re
import sys
from base64 import b64decode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

BUNDLE = "ippro-ledger-bundle/1"
EXPORT = "ippro-ledger-export/1"
SEALED = ("actor", "at", "index", "kind", "payload_hash", "subject")
LONGEST_PATH = 63
LONGEST_LINE = 64 * 1024 * 1024
LONGEST_TOLD = 2000
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_HASH = re.compile(r"[0-9a-f]{64}")
ONLY_THEN = "A later entry may have ended what this one says: ask the platform whether it still stands."
NOT_NAMED = (
    "CAUTION: this key comes with the document itself, so that whoever made the document may have made the key as well. "
    "Get the key from somebody whom you trust, and name it with --key."
)
#: entries by which a certificate of first publication is given
CERTIFYING = ("original.certify", "original.settle_for")
#: and those by which it ends
ENDING = ("original.withdraw", "original.revoke")
UNVERIFIED, ENDED = 3, 4
VERDICTS = {0: "OK", UNVERIFIED: "UNVERIFIED SIGNER", ENDED: "ENDED"}


class Bad(Exception):
    """Something is not as it should be. `index` is the first entry that is, or may be, not what was sealed."""

    def __init__(self, what: str, index: int | None = None) -> None:
        super().__init__(what)
        self.what, self.index = what, index


class Unanswered(Exception):
    """The question cannot be answered."""


@dataclass
class Report:
    """What was found, in sentences and for programs."""

    kind: str
    said: list[str] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Trust:
    """What whoever asks brings along: keys, a head seen before, authorities for time-stamps."""

    keys: tuple["Key", ...] = ()
    seen: "Head | None" = None
    authorities: tuple[x509.Certificate, ...] = ()
    needs_time_stamp: bool = False


# --- what is hashed ----------------------------------------------------------------------------------------


def canonical(said: Any) -> bytes:
    """JSON with sorted keys, without spaces, in UTF-8."""
    try:
        return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as wrong:
        raise Bad("there is something in it that is no JSON") from wrong


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def leaf_of(entry: dict[str, Any]) -> bytes:
    return sha256(b"\x00" + canonical({name: entry[name] for name in SEALED}))


def above(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


class Tree:
    """A Merkle tree that grows leaf by leaf; only the roots of its complete subtrees are kept."""

    def __init__(self) -> None:
        self.size = 0
        self.edge: list[bytes] = []

    def append(self, leaf: bytes) -> None:
        self.size += 1
        self.edge.append(leaf)
        # As many subtrees are joined as the size, in binary, has zeros at its end.
        for _ in range((self.size & -self.size).bit_length() - 1):
            right = self.edge.pop()
            self.edge.append(above(self.edge.pop(), right))

    def root(self) -> bytes:
        if not self.edge:
            return sha256(b"")
        root = self.edge[-1]
        for left in self.edge[-2::-1]:
            root = above(left, root)
        return root


def root_by_path(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """Where an inclusion proof leads, from the root down to the leaf; None if it is too short or too long."""
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    half = 1 << ((size - 1).bit_length() - 1)
    if index < half:
        left = root_by_path(leaf, index, half, path[:-1])
        return None if left is None else above(left, path[-1])
    right = root_by_path(leaf, index - half, size - half, path[:-1])
    return None if right is None else above(path[-1], right)


# --- keys and signed heads ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A public key as it is published: `name+id+base64`."""

    name: str
    fingerprint: bytes
    public: bytes

    @classmethod
    def read(cls, text: Any) -> "Key":
        parts = text.strip().split("+", 2) if isinstance(text, str) else []
        try:
            name, fingerprint, public = parts[0], bytes.fromhex(parts[1]), b64decode(parts[2], validate=True)
        except (IndexError, ValueError) as wrong:
            raise Bad("a key is written as name+id+base64, and this is none") from wrong
        if len(public) != 33 or public[:1] != b"\x01":
            raise Bad("the key is no Ed25519 key")
        if sha256(name.encode() + b"\n" + public)[:4] != fingerprint:
            raise Bad("the id of the key does not fit the key")
        return cls(name, fingerprint, public)

    @property
    def id(self) -> str:
        return f"{self.name}+{self.fingerprint.hex()}"


@dataclass(frozen=True)
class Head:
    """What a signed note says about the tree, and who signed it."""

    note: str
    origin: str
    size: int
    root: bytes
    at: str
    key: Key

    @classmethod
    def read(cls, note: Any, keys: Iterable[Key]) -> "Head":
        """Raises Bad unless one of the keys has signed this note."""
        if not isinstance(note, str):
            raise Bad("the tree head is missing")
        text, parted, signatures = note.rpartition("\n\n")
        text += "\n"
        lines = text.split("\n")
        try:
            origin, size, root = lines[0], int(lines[1]), b64decode(lines[2], validate=True)
            at = next(line for line in lines[3:] if line.startswith("Time: ")).removeprefix("Time: ")
        except (IndexError, ValueError, StopIteration) as wrong:
            raise Bad("the tree head is not written as it should be") from wrong
        if not parted or len(root) != 32 or not 0 < size < 2**63 or lines[1] != str(size) or not _TIME.fullmatch(at):
            raise Bad("the tree head is not written as it should be")
        signer = _signer(text, signatures, [key for key in keys if key.name == origin])
        if signer is None:
            raise Bad(f"the signature under the tree head of {size} entries is not by any of the keys")
        return cls(note, origin, size, root, at, signer)


def _signer(text: str, signatures: str, keys: list[Key]) -> Key | None:
    for line in signatures.split("\n"):
        name, _, encoded = line.removeprefix("— ").rpartition(" ")
        try:
            signature = b64decode(encoded, validate=True)
        except ValueError:
            continue
        for key in keys:
            if line.startswith("— ") and key.name == name and signature[:4] == key.fingerprint:
                try:
                    ed25519.Ed25519PublicKey.from_public_bytes(key.public[1:]).verify(signature[4:], text.encode())
                except InvalidSignature:
                    continue
                return key
    return None


def _check_trusted(head: Head, trust: Trust, report: Report) -> None:
    """Whether the key of the head that speaks for everything is one that was named."""
    named = head.key in trust.keys
    if trust.keys and not named:
        raise Bad(f"the tree head is signed with {head.key.id}, and that is none of the keys that you named")
    report.said.append(
        f"The tree head of {head.size} entries was signed by {head.origin} at {head.at} with the key {head.key.id}."
    )
    report.said.append("You named this key." if named else NOT_NAMED)
    report.found["head"] = {
        "origin": head.origin, "size": head.size, "root_hash": head.root.hex(), "at": head.at, "key": head.key.id,
        "key_was_named": named,
    }  # fmt: skip


# --- one entry ---------------------------------------------------------------------------------------------


def check_entry(entry: Any) -> dict[str, Any]:
    """An entry whose fields are what they should be."""
    if not isinstance(entry, dict) or not set(SEALED) <= set(entry):
        raise Bad("the entry is not complete")
    if unknown := set(entry) - {*SEALED, "payload", "leaf_hash"}:
        raise Bad(f"the entry says what was never sealed: {', '.join(sorted(unknown))[:200]}")
    index = entry["index"]
    if type(index) is not int or not 0 <= index < 2**63:
        raise Bad("the entry has no number")
    if not all(isinstance(entry[name], str) for name in SEALED if name != "index"):
        raise Bad("the entry is not made of texts", index)
    if not _TIME.fullmatch(entry["at"]):
        raise Bad("the time of the entry is not written as it should be", index)
    return entry


def payload_of(entry: dict[str, Any]) -> Bad | None:
    """What is wrong with the payload of an entry, if it is told."""
    if "payload" not in entry or sha256(canonical(entry["payload"])).hex() == entry["payload_hash"]:
        return None
    return Bad("its payload is not the one whose hash was sealed", entry["index"])


def _entry_under_head(bundle: dict[str, Any]) -> tuple[dict[str, Any], Head]:
    """An entry, and the signed head to whose root its proof leads. Raises Bad."""
    entry = check_entry(bundle.get("entry"))
    if wrong := payload_of(entry):
        raise wrong
    key = Key.read(bundle.get("key"))
    head = Head.read(bundle.get("head"), [key])
    inclusion = bundle.get("inclusion")
    if not isinstance(inclusion, dict):
        raise Bad("the inclusion proof is missing", entry["index"])
    path = inclusion.get("path")
    if not isinstance(path, list) or len(path) > LONGEST_PATH or not all(_is_hash(h) for h in path):
        raise Bad("the inclusion proof is not a list of hashes", entry["index"])
    if inclusion.get("size") != head.size:
        raise Bad("the inclusion proof is for a tree of another size than the head's", entry["index"])
    if entry["index"] >= head.size:
        raise Bad(f"the tree has {head.size} entries, and this would be a later one", entry["index"])
    if root_by_path(leaf_of(entry), entry["index"], head.size, [bytes.fromhex(h) for h in path]) != head.root:
        raise Bad("the proof does not lead from this entry to the signed root: one of them was changed", entry["index"])
    return entry, head


def _checked_end(end: Any, certificate: dict[str, Any], head: Head, trust: Trust) -> dict[str, Any]:
    """The later entry by which a certificate ended; it is proved like the certificate itself. Raises Bad."""
    if not isinstance(end, dict):
        raise Bad("the proof that it ended is none")
    entry, its_head = _entry_under_head(end)
    if certificate["kind"] not in CERTIFYING or entry["kind"] not in ENDING:
        raise Bad("the entry that is said to end the certificate is none that ends one", entry["index"])
    if entry["subject"] != certificate["subject"] or entry["index"] <= certificate["index"]:
        raise Bad("the entry that is said to end the certificate is about something else", entry["index"])
    if its_head.origin != head.origin:
        raise Bad("the entry that is said to end the certificate stands in another ledger", entry["index"])
    if its_head.key not in (trust.keys or (head.key, its_head.key)):
        raise Bad(
            f"the end of the certificate is signed with {its_head.key.id}, and that is none of the keys that you named"
        )
    return entry


def _tell_end(entry: dict[str, Any], report: Report) -> None:
    word = "revoked" if entry["kind"] == "original.revoke" else "withdrawn by its holder"
    report.found["ended"] = {name: entry[name] for name in SEALED}
    report.said.append(
        f"IT HAS ENDED: by entry {entry['index']} ({entry['kind']}) of {entry['at']} this certificate was {word}. "
        "It proves nothing any more."
    )


def check_bundle(bundle: dict[str, Any], trust: Trust) -> Report:
    """One entry: is it what was sealed, and in the ledger that the head speaks of? Raises Bad."""
    entry, head = _entry_under_head(bundle)
    report = Report("certificate" if entry["kind"] in CERTIFYING else "entry")
    report.found["entry"] = {name: entry[name] for name in SEALED}
    report.said.append(
        f"Entry {entry['index']} ({entry['kind']}, {entry['subject']}) of {entry['at']} is in the ledger."
    )
    if "payload" in entry:
        report.found["entry"]["payload"] = entry["payload"]
        report.said.append(f"It says: {_told(entry['payload'])}. Compare that with what you were shown.")
    else:
        report.said.append("What it says is not told here: only its hash was checked.")
    if "ended" in bundle:
        _tell_end(_checked_end(bundle["ended"], entry, head, trust), report)
    else:
        report.said.append(ONLY_THEN)
    _check_trusted(head, trust, report)
    if trust.seen is not None:
        raise Unanswered("--head is for a whole export: a certificate has no proof that leads to another head.")
    _check_bundled_stamp(bundle.get("time_stamp"), head, trust, report)
    return report


def _told(payload: Any) -> str:
    """What an entry says, on one line: of its values those that are texts, numbers, or yes and no."""
    if not isinstance(payload, dict):
        return canonical(payload).decode()[:LONGEST_TOLD]
    told = [f"{name} {value}" for name, value in payload.items() if isinstance(value, str | int | float)]
    return ", ".join(told)[:LONGEST_TOLD] or "nothing"


def _check_bundled_stamp(stamp: Any, head: Head, trust: Trust, report: Report) -> None:
    state = stamp.get("state") if isinstance(stamp, dict) else None
    if state == "stamped":
        _tell_stamp(check_time_stamp(_decoded(stamp.get("token")), head.note.encode(), trust.authorities), report)
        return
    if state not in ("pending", "none"):
        raise Bad("it does not say whether there is a time-stamp")
    report.found["time_stamp"] = {"state": state}
    if state == "pending":
        report.said.append("A time-stamp was asked for and has not come yet: the time is the platform's own word.")
    else:
        report.said.append("There is no time-stamp by another authority: the time is the platform's own word.")
    if trust.needs_time_stamp:
        raise Bad("there is no time-stamp, and --require-time-stamp asks for one")


def _tell_stamp(stamp: "Stamp", report: Report) -> None:
    report.found["time_stamp"] = {
        "state": "stamped", "at": stamp.at.isoformat(), "by": stamp.by, "authority_was_named": stamp.is_trusted,
    }  # fmt: skip
    report.said.append(f"The authority {stamp.by} stamped this tree head at {stamp.at.isoformat()}.")
    report.said.append(
        "You named this authority."
        if stamp.is_trusted
        else "CAUTION: who that authority is was not checked. Name its root certificate with --tsa-ca."
    )


def _is_hash(text: Any) -> bool:
    return isinstance(text, str) and bool(_HASH.fullmatch(text))


def _decoded(text: Any) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (TypeError, ValueError) as wrong:
        raise Bad("the time-stamp is not written in base64") from wrong


# --- a whole export ----------------------------------------------------------------------------------------


class Export:
    """Goes through an export line by line, and stops at the first head under which something is wrong.

    Two trees grow: one of the leaf hashes that the file states, one of the leaf hashes that its entries have. The
    signed root tells which of the two is right where they part.
    """

    def __init__(self, header: dict[str, Any], trust: Trust) -> None:
        self.trust = trust
        self.size = header.get("size")
        keys = header.get("keys")
        if type(self.size) is not int or not isinstance(keys, list):
            raise Bad("the first line does not say how many entries there are, and which keys")
        self.keys = [Key.read(key) for key in keys] + list(trust.keys)
        self.stated, self.made = Tree(), Tree()
        self.suspect: Bad | None = None
        self.last: Head | None = None
        self.stamp: Stamp | None = None
        self.has_ended = self.has_seen = False

    def take(self, line: dict[str, Any]) -> None:
        if self.has_ended:
            raise Bad("there is more after the end")
        if "entry" in line:
            self._take_entry(line["entry"])
        elif "head" in line:
            self._take_head(line["head"])
        elif "end" in line:
            self.has_ended = True
        else:
            raise Bad("a line is neither an entry nor a head", self.stated.size)

    def _take_entry(self, entry: Any) -> None:
        expected = self.stated.size
        try:
            check_entry(entry)
            payload = payload_of(entry)
        except Bad as bad:
            raise self.suspect or Bad(bad.what, expected) from bad
        if entry["index"] != expected:
            raise Bad(f"it is missing: entry {entry['index']} stands in its place", expected)
        if not _is_hash(entry.get("leaf_hash")) or "payload" not in entry:
            raise Bad("the line is not complete", expected)
        made = leaf_of(entry)
        self.suspect = self.suspect or payload
        if self.suspect is None and made.hex() != entry["leaf_hash"]:
            self.suspect = Bad("it is not what was sealed: its leaf hash is another one", expected)
        self.made.append(made)
        self.stated.append(bytes.fromhex(entry["leaf_hash"]))

    def _take_head(self, said: Any) -> None:
        if not isinstance(said, dict):
            raise Bad("the tree head is missing", self._since)
        try:
            head = Head.read(said.get("note"), self.keys)
        except Bad as bad:
            raise self.suspect or Bad(bad.what, self._since) from bad
        if head.size == self._since:
            raise Bad("the tree head stands there twice", self._since)
        if head.size != self.stated.size:
            raise Bad(
                f"the tree head here is of {head.size} entries, and {self.stated.size} stand before it", self._since
            )
        if self.stated.root() != head.root:
            raise self._which(head)
        if self.suspect is not None:
            raise self.suspect
        seen = self.trust.seen
        if seen is not None and seen.size == head.size:
            self.has_seen = True
            if seen.root != head.root:
                raise Bad(f"the tree head of {head.size} entries is another one than that of --head", 0)
        if said.get("token") is not None:
            self.stamp = check_time_stamp(_decoded(said["token"]), head.note.encode(), self.trust.authorities)
        self.last = head

    @property
    def _since(self) -> int:
        """The first entry that no good head has confirmed."""
        return self.last.size if self.last else 0

    def _which(self, head: Head) -> Bad:
        """What to say when the stated leaf hashes do not lead to the signed root."""
        if self.suspect is not None and self.made.root() == head.root:
            return Bad("its leaf hash was changed in this file, while the entry is what was sealed", self.suspect.index)
        if head.size - self._since == 1:
            return Bad("it is not what was sealed: it does not lead to the signed root", self._since)
        return Bad(
            f"one of the entries {self._since} to {head.size - 1} is not what was sealed: they do not lead to the "
            f"root that was signed for {head.size} entries" + (f"; {self.suspect.what}" if self.suspect else ""),
            self._since,
        )

    def end(self) -> Report:
        report = Report("export")
        if not self.has_ended or self.stated.size != self.size:
            raise Bad(f"the file ends early: it promises {self.size} entries", self.stated.size)
        if self.size and (self.last is None or self.last.size != self.size):
            raise self.suspect or Bad("the last entries stand under no signed head", self._since)
        report.found["entries"] = self.size
        report.said.append(f"All {self.size} entries are what was sealed, none is missing, and every head fits them.")
        if self.last is not None:
            _check_trusted(self.last, self.trust, report)
        if self.trust.seen is not None:
            if not self.has_seen:
                raise Bad(f"the tree head of {self.trust.seen.size} entries that --head names is not among them")
            report.said.append(f"It contains the tree head of {self.trust.seen.size} entries that you named.")
        if self.stamp is not None:
            _tell_stamp(self.stamp, report)
        elif self.trust.needs_time_stamp:
            raise Bad("there is no time-stamp, and --require-time-stamp asks for one")
        return report


def check_export(lines: Iterable[str], trust: Trust | None = None) -> Report:
    """A whole export. Raises Bad for the first entry that is not as it was sealed."""
    told = iter(lines)
    header = _object(next(told, ""))
    if header.get("format") != EXPORT:
        raise Bad(f"the first line is not that of an export ({EXPORT})")
    export = Export(header, trust or Trust())
    for number, line in enumerate(told, start=2):
        try:
            export.take(_object(line))
        except Bad as bad:
            raise Bad(f"{bad.what} (line {number})", bad.index) from bad
    return export.end()


# --- time-stamps -------------------------------------------------------------------------------------------

_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE, _SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47"
_RSA_PSS = "1.2.840.113549.1.1.10"
_DIGESTS: dict[str, type[hashes.HashAlgorithm]] = {
    "2.16.840.1.101.3.4.2.1": hashes.SHA256,
    "2.16.840.1.101.3.4.2.2": hashes.SHA384,
    "2.16.840.1.101.3.4.2.3": hashes.SHA512,
}
_ECDSA: dict[str, type[hashes.HashAlgorithm]] = {
    "1.2.840.10045.4.3.2": hashes.SHA256,
    "1.2.840.10045.4.3.3": hashes.SHA384,
    "1.2.840.10045.4.3.4": hashes.SHA512,
}
SEQUENCE, SET, INTEGER, OCTETS, OID, TIME = 0x30, 0x31, 0x02, 0x04, 0x06, 0x18


@dataclass(frozen=True)
class Stamp:
    """What a time-stamp says, and whether its authority is one that was named."""

    at: datetime
    by: str
    is_trusted: bool


@dataclass(frozen=True)
class Der:
    """One value of a DER structure."""

    tag: int
    body: bytes
    raw: bytes

    def parts(self) -> list["Der"]:
        return list(_values(self.body))

    def oid(self) -> str:
        if self.tag != OID or not self.body:
            raise Bad("the time-stamp is not written as it should be")
        numbers, value = [], 0
        for byte in self.body:
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(str(n) for n in (first, numbers[0] - 40 * first, *numbers[1:]))

    def number(self) -> int:
        return int.from_bytes(self.body, "big", signed=True)


def _values(data: bytes) -> Iterator[Der]:
    at = 0
    while at < len(data):
        start, tag = at, data[at]
        length, at = data[at + 1], at + 2
        if length & 0x80:
            count = length & 0x7F
            if tag & 0x1F == 0x1F or not 0 < count <= 4:
                raise Bad("the time-stamp is not written as it should be")
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + length > len(data):
            raise Bad("the time-stamp is cut short")
        yield Der(tag, data[at : at + length], data[start : at + length])
        at += length


def check_time_stamp(answer: bytes, message: bytes, authorities: Iterable[x509.Certificate]) -> Stamp:
    """A TimeStampResp of RFC 3161 about some bytes. Raises Bad."""
    try:
        return _checked_stamp(answer, message, list(authorities))
    except Bad:
        raise
    except Exception as wrong:  # whatever a parser says of bytes that a stranger made
        raise Bad("the time-stamp is not written as it should be") from wrong


def _checked_stamp(answer: bytes, message: bytes, authorities: list[x509.Certificate]) -> Stamp:
    [response] = _values(answer)
    status, token = response.parts()
    if status.parts()[0].number() != 0:
        raise Bad("the authority did not grant the time-stamp")
    kind, wrapped = token.parts()
    if kind.oid() != _SIGNED_DATA:
        raise Bad("the time-stamp is not signed")
    _version, _digests, content, *rest = wrapped.parts()[0].parts()
    content_kind, content_wrapped = content.parts()
    info = content_wrapped.parts()[0].body
    certificates = [
        x509.load_der_x509_certificate(c.raw) for r in rest if r.tag == 0xA0 for c in r.parts() if c.tag == SEQUENCE
    ]
    [signers] = [r for r in rest if r.tag == SET]
    [signer] = signers.parts()
    if content_kind.oid() != _TST_INFO:
        raise Bad("what was signed is no time-stamp")
    certificate = _check_signature(signer, info, certificates)

    [stated] = _values(info)
    _info_version, _policy, imprint, _serial, time, *_more = stated.parts()
    algorithm, digest = imprint.parts()
    if hashlib.new(_digest(algorithm)().name, message).digest() != digest.body:
        raise Bad("the time-stamp is for something else than this tree head")
    if time.tag != TIME:
        raise Bad("the time-stamp tells no time")
    at = _generalized(time.body.decode("ascii"))
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not usage.critical or ExtendedKeyUsageOID.TIME_STAMPING not in usage.value:
        raise Bad("the certificate under the time-stamp is not for time-stamps")
    if not _is_valid(certificate, at):
        raise Bad("the certificate under the time-stamp was not valid at its time")
    is_trusted = bool(authorities) and _is_under(certificate, certificates, authorities, at)
    if authorities and not is_trusted:
        raise Bad("the time-stamp is by none of the authorities that you named")
    return Stamp(at=at, by=certificate.subject.rfc4514_string(), is_trusted=is_trusted)


def _check_signature(signer: Der, info: bytes, certificates: list[x509.Certificate]) -> x509.Certificate:
    """The certificate whose key signed; the attributes that are signed name it and the content."""
    _version, who, digest_algorithm, *rest = signer.parts()
    signed, algorithm, signature = rest[0], rest[1], rest[2]
    if signed.tag != 0xA0:
        raise Bad("the time-stamp is not signed as it should be")
    attributes = {a.parts()[0].oid(): a.parts()[1].parts()[0] for a in signed.parts()}
    digest = _digest(digest_algorithm)
    if not {_CONTENT_TYPE, _MESSAGE_DIGEST} <= set(attributes) or attributes[_CONTENT_TYPE].oid() != _TST_INFO:
        raise Bad("the time-stamp is not signed as it should be")
    if attributes[_MESSAGE_DIGEST].body != hashlib.new(digest().name, info).digest():
        raise Bad("the time-stamp was changed after it was signed")
    issuer, serial = who.parts()
    certificate = next(
        (c for c in certificates if c.serial_number == serial.number() and _issuer(c) == issuer.raw), None
    )
    if certificate is None or not _is_named(certificate, attributes):
        raise Bad("the certificate of the authority is not in the time-stamp")
    covered = b"\x31" + signed.raw[1:]
    key = certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme: Any = padding.PKCS1v15()
            if algorithm.parts()[0].oid() == _RSA_PSS:
                scheme = padding.PSS(padding.MGF1(digest()), padding.PSS.AUTO)
            key.verify(signature.body, covered, scheme, digest())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature.body, covered, ec.ECDSA(_ECDSA.get(algorithm.parts()[0].oid(), digest)()))
        elif isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature.body, covered)
        else:
            raise Bad("the time-stamp is signed in a way that is not known here")
    except InvalidSignature as wrong:
        raise Bad("the signature under the time-stamp is wrong") from wrong
    return certificate


def _is_named(certificate: x509.Certificate, attributes: dict[str, Der]) -> bool:
    """Whether the signed attributes name this certificate (ESSCertID of RFC 2634, ESSCertIDv2 of RFC 5035)."""
    if _SIGNING_CERTIFICATE_V2 in attributes:
        first = attributes[_SIGNING_CERTIFICATE_V2].parts()[0].parts()[0].parts()
        algorithm = _digest(first[0]) if first[0].tag == SEQUENCE else hashes.SHA256
        stated = next(part for part in first if part.tag == OCTETS)
        return stated.body == certificate.fingerprint(algorithm())
    if _SIGNING_CERTIFICATE in attributes:
        first = attributes[_SIGNING_CERTIFICATE].parts()[0].parts()[0].parts()
        return first[0].body == certificate.fingerprint(hashes.SHA1())  # noqa: S303 as the RFC says
    return False


def _digest(algorithm: Der) -> type[hashes.HashAlgorithm]:
    name = algorithm.parts()[0].oid()
    if name not in _DIGESTS:
        raise Bad("the time-stamp uses a hash that is not taken here")
    return _DIGESTS[name]


def _issuer(certificate: x509.Certificate) -> bytes:
    [tbs] = _values(certificate.tbs_certificate_bytes)
    parts = tbs.parts()
    return parts[3 if parts[0].tag == 0xA0 else 2].raw


def _generalized(text: str) -> datetime:
    whole, _, fraction = text.removesuffix("Z").partition(".")
    microseconds = int((fraction + "000000")[:6]) if fraction else 0
    return datetime.strptime(whole, "%Y%m%d%H%M%S").replace(microsecond=microseconds, tzinfo=UTC)


def _is_valid(certificate: x509.Certificate, at: datetime) -> bool:
    return certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc


def _is_under(
    certificate: x509.Certificate,
    others: list[x509.Certificate],
    authorities: list[x509.Certificate],
    at: datetime,
    depth: int = 0,
) -> bool:
    """Whether a chain of valid certificates leads to an authority that was named."""
    if certificate in authorities:
        return True
    return depth < 6 and any(
        _is_valid(issuer, at)
        and _may_issue(issuer)
        and _did_issue(issuer, certificate)
        and _is_under(issuer, others, authorities, at, depth + 1)
        for issuer in [*authorities, *others]
        if issuer != certificate
    )


def _may_issue(issuer: x509.Certificate) -> bool:
    try:
        return bool(issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except x509.ExtensionNotFound:
        return False


def _did_issue(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


# --- files and words ---------------------------------------------------------------------------------------


def _object(text: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len({name for name, _value in pairs}) < len(pairs):
            raise Bad("a name stands twice in one object")
        return dict(pairs)

    try:
        found = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as wrong:
        raise Bad("this is no JSON") from wrong
    if not isinstance(found, dict):
        raise Bad("this is neither a certificate nor an export")
    return found


def check_file(path: Path, trust: Trust) -> Report:
    """A certificate or an export, whichever the file is. Raises Bad, Unanswered."""
    try:
        with path.open(encoding="utf-8") as file:
            first = file.readline(LONGEST_LINE)
            if f'"{EXPORT}"' in first[:200]:
                file.seek(0)
                return check_export(iter(lambda: file.readline(LONGEST_LINE), ""), trust)
            bundle = _object(first + file.read(LONGEST_LINE))
    except UnicodeDecodeError as wrong:
        raise Bad("this is no text in UTF-8") from wrong
    except OSError as wrong:
        raise Unanswered(f"{path} cannot be read: {wrong.strerror}.") from wrong
    if bundle.get("format") != BUNDLE:
        raise Bad(f"this is neither a certificate ({BUNDLE}) nor an export ({EXPORT})")
    return check_bundle(bundle, trust)


def _trust(asked: argparse.Namespace) -> Trust:
    keys: list[Key] = []
    try:
        for said in asked.key:
            is_file = "+" not in said or Path(said).is_file()
            keys += [Key.read(line) for line in (Path(said).read_text().split() if is_file else [said])]
        seen = Head.read(Path(asked.head).read_text(encoding="utf-8"), keys) if asked.head else None
        authorities = x509.load_pem_x509_certificates(Path(asked.tsa_ca).read_bytes()) if asked.tsa_ca else []
    except Bad as bad:
        raise Unanswered(f"What you named cannot be used: {bad.what}.") from bad
    except (OSError, ValueError) as wrong:
        raise Unanswered(f"What you named cannot be read: {wrong}.") from wrong
    return Trust(tuple(keys), seen, tuple(authorities), asked.require_time_stamp)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument(
        "file", type=Path, help="the proof of an entry, as of a certificate (JSON), or an export (lines of JSON)"
    )
    parser.add_argument("--key", action="append", default=[], help="a key that you trust, or a file with keys")
    parser.add_argument("--head", help="a file with a tree head seen before, which an export must contain (with --key)")
    parser.add_argument("--tsa-ca", help="a file with root certificates of time-stamp authorities (PEM)")
    parser.add_argument("--require-time-stamp", action="store_true", help="fail if there is no time-stamp")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    asked = parser.parse_args(arguments)
    problem: dict[str, Any] | None = None
    report, status = Report("unknown"), 0
    try:
        report = check_file(asked.file, _trust(asked))
    except Bad as bad:
        problem, status = {"index": bad.index, "what": bad.what}, 1
    except Unanswered as why:
        problem, status = {"index": None, "what": str(why)}, 2
    if not status and "head" in report.found and not report.found["head"]["key_was_named"]:
        status = UNVERIFIED
    if not status and "ended" in report.found:
        status = ENDED
    if asked.json:
        said: dict[str, Any] = {"ok": not status, "kind": report.kind, "problem": problem, "said": report.said}
        print(json.dumps(said | report.found, ensure_ascii=False, indent=2))
    elif problem is None:
        print(VERDICTS[status], *map(_printable, report.said), sep="\n")
    else:
        where = "" if problem["index"] is None else f"entry {problem['index']}: "
        print("NOT OK" if status == 1 else "NOT CHECKED", _printable(f"{where}{problem['what']}"), sep="\n")
    return status


def _printable(text: str) -> str:
    """On one line and without commands to the terminal, whatever the document says of itself."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)


if __name__ == "__main__":
    sys.exit(main())
