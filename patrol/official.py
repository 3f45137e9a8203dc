"""Official pictures of profiles: handed down to `imageguard` to be looked for, and what follows where one is seen.

The files are decoded in the limited worker when they are uploaded; fingerprint and search of the marketplaces are owed
there, so that a worker that is killed loses nothing.
"""

from collections.abc import Iterable
from typing import Any

from imageguard import official, watching
from imageguard.models import Appearance
from marketplace.models import Target
from patrol import scanning
from patrol.models import OfficialImage


def picture_added(subject: str) -> None:
    """Have a new official picture looked for. Consumer of `profile.picture_added`."""
    image = OfficialImage.objects.select_related("file").filter(public_id=subject).first()
    if image is not None:  # else it was taken away since
        official.add(subject=image.public_id, file=image.file)


def picture_removed(subject: str) -> None:
    """Look for it no longer. Consumer of `profile.picture_removed`."""
    official.take_away(subject)


def image_sighted(subject: str) -> None:
    """Owe every target that shows an image now an inspection: an official picture is seen in it, or is no longer.

    Consumer of `image.sighted`.
    """
    shown = Appearance.objects.current().filter(image__public_id=subject)
    scanning.owe(Target.objects.filter(pk__in=shown.values("target")))


def target_sighted(subject: str) -> None:
    """Owe a target an inspection that shows such an image from now on, or no longer. Consumer of `target.sighted`."""
    scanning.owe(Target.objects.filter(public_id=subject))


def candidate_found(subject: str) -> None:
    """Have the pictures of a suspicious listing looked at before others that were only screened.

    Consumer of `candidate.found`: words, price or seller told, and its pictures may tell more.
    """
    shown = Appearance.objects.current().filter(target__candidates__public_id=subject)
    watching.look_soon(shown.values("image"))


def refusals(images: Iterable[OfficialImage]) -> dict[str, Any]:
    """Of which official pictures copies cannot be told, and why in words, by public id."""
    return official.refusals(image.public_id for image in images)
