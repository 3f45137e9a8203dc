"""What the tests of patrol share: a profile that watches, and a way to look that is easy to foresee."""

from typing import Any

from marketplace.models import Target
from patrol import inspecting
from patrol.inspecting import Found
from patrol.models import Inspection, Scan, WatchProfile
from patrol.scanning import inspect_due, scan_due
from patrol.signals import Seen
from tests.factories import FilingFactory

FAKE = "cheap copy"


def a_profile(**fields: Any) -> WatchProfile:
    """A profile that watches."""
    filing = fields.pop("filing", None) or FilingFactory()
    given = {"kind": WatchProfile.Kind.BRAND, "state": WatchProfile.State.WATCHING, "name": filing.title} | fields
    return WatchProfile.objects.create(filing=filing, number=f"W-2026-9{WatchProfile.objects.count():05d}", **given)


def looks(monkeypatch: Any, *, poison: str = "poison") -> list[tuple[str, int]]:
    """Whatever says so in its title is found for every profile that watches; returns what was looked at, and its version."""
    looked: list[tuple[str, int]] = []

    def inspect(targets, *, profile=None):
        if any(poison in target.title for target in targets):
            raise ValueError("this cannot be read")
        looked.extend((target.external_id, target.version) for target in targets)
        profiles = [profile] if profile else list(WatchProfile.objects.watching())
        return [found(target, one) for target in targets for one in profiles if FAKE in target.title]

    monkeypatch.setattr(inspecting, "inspect", inspect)
    return looked


def found(target: Target, profile: WatchProfile, score: float = 0.9) -> Found:
    seen = (Seen("text.name", 1.0, {"term": FAKE}),)
    return Found(target=target, profile=profile, seen=seen, score=score, parts={"text.name": score}, copy_key="")


def inspected() -> None:
    """What the workers do until nothing is due."""
    while inspect_due():
        pass


def scanned(scan: Scan) -> Scan:
    while scan_due():
        pass
    scan.refresh_from_db()
    return scan


def inspection(target: Target) -> Inspection:
    return Inspection.objects.get(target=target)
