"""Pictures of the demo world, drawn by code and the same for the same seed.

Brands, books, people and papers are fictional. `products` draws the goods, `scenes` what a shop shows,
`documents` the papers, `piracy` what copyists make of a picture.
"""

from seeds.pictures.documents import business_licence, certificate
from seeds.pictures.marks import logo
from seeds.pictures.piracy import EDITS, pirated
from seeds.pictures.products import FAMILIES, Look, cover
from seeds.pictures.scenes import GROUNDS, Shot, avatar, jpeg, livestream_cover, product, video_cover

__all__ = [
    "EDITS", "FAMILIES", "GROUNDS", "Look", "Shot", "avatar", "business_licence", "certificate", "cover", "jpeg",
    "livestream_cover", "logo", "pirated", "product", "video_cover",
]  # fmt: skip
