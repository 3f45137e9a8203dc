"""Hands in the demo world's papers: certificates, licences, pictures and evidence as private files."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from django.core.files.base import ContentFile
from PIL import Image

from accounts.models import Organisation, OrganisationDocument, User
from core import files
from core.models import FilePurpose, PrivateFile
from filings.models import Filing
from filings.services import add_file
from seeds import gallery, pictures
from seeds.world import Item, Picture, Right, Shop, World


class Papers:
    """Keeps drawn pictures as private files of organisations."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, *, data: bytes, name: str, purpose: str, organisation: Organisation, by: User | None) -> PrivateFile:
        """One drawn picture, handed in like every other file."""
        return files.keep(upload=ContentFile(data), purpose=purpose, by=by, organisation=organisation, name=name)

    def drawn(self, picture: Picture) -> bytes:
        return gallery.read(self.folder, picture)

    def hand_in_licences(self, world: World, organisations: dict[str, Organisation]) -> None:
        """Each organisation's business licence, once."""
        there = set(OrganisationDocument.objects.values_list("organisation_id", flat=True))
        for said in world.organisations:
            organisation = organisations[said.slug]
            if organisation.pk not in there:
                file = self.keep(
                    data=self.drawn(said.licence), name=f"营业执照-{said.slug}.jpg", purpose=FilePurpose.LICENCE,
                    organisation=organisation, by=None,
                )  # fmt: skip
                OrganisationDocument.objects.create(organisation=organisation, file=file)

    def hand_in_certificate(self, right: Right, filing: Filing) -> None:
        """A right's certificate and representative pictures, attached to its draft."""
        papers = [(right.certificate, FilePurpose.CERTIFICATE, f"证书-{right.number}.jpg")]
        papers += [(p, FilePurpose.PICTURE, p.name) for p in right.pictures]
        for picture, purpose, name in papers:
            upload = ContentFile(self.drawn(picture), name=name)
            add_file(filing=filing, by=filing.created_by, upload=upload, purpose=purpose)

    def evidence(self, by: User, right: Right, things: Sequence[Item | Shop]) -> list[PrivateFile]:
        """A screenshot of the first thing complained of, beside a picture of the right."""
        thing = things[0]
        theirs = thing.avatar if isinstance(thing, Shop) else thing.pictures[0]
        with (
            Image.open(BytesIO(self.drawn(right.pictures[0]))) as a,
            Image.open(BytesIO(self.drawn(theirs))) as b,
        ):
            sheet = Image.new("RGB", (1240, 640), "#f4f5f8")
            for x, picture in ((20, a), (630, b)):
                small = picture.convert("RGB")
                small.thumbnail((590, 600), Image.Resampling.LANCZOS)
                sheet.paste(small, (x + (590 - small.width) // 2, 20 + (600 - small.height) // 2))
        organisation = by.organisation
        if organisation is None:
            raise ValueError(f"{by} acts for nobody")
        file = self.keep(
            data=pictures.jpeg(sheet),
            name="对比图 comparison.jpg",
            purpose=FilePurpose.EVIDENCE,
            organisation=organisation,
            by=by,
        )
        return [file]
