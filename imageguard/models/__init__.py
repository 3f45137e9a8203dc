"""Tables of the imageguard room: originals and how they came in, what was seen on marketplaces, matches between both."""

from imageguard.models.explanations import Explanation
from imageguard.models.fingerprints import Collection, Fingerprint
from imageguard.models.intake import Intake, IntakeItem
from imageguard.models.news import News
from imageguard.models.officials import OfficialPicture, Sighting
from imageguard.models.originals import CameraOriginal, Conflict, Licence, Original
from imageguard.models.watching import Appearance, Match, SeenImage

__all__ = [
    "Appearance", "CameraOriginal", "Collection", "Conflict", "Explanation", "Fingerprint", "Intake", "IntakeItem", "Licence",
    "Match", "News", "OfficialPicture", "Original", "SeenImage", "Sighting",
]  # fmt: skip
