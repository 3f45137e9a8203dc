"""`manage.py redraw_sample`: draws a sample again from its seed, and says whether the same listings come out."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import files
from core.errors import DomainError
from patrol import sampling
from patrol.models import Sample


class Command(BaseCommand):
    help = "Draws a sample again by what the ledger says of it, and compares; ends with 1 where the draw differs."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("sample", help="public id of the sample, smp_…")
        parser.add_argument(
            "--frame", type=Path, metavar="FILE", help="the frame; without it the one that is kept here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        sample = Sample.objects.select_related("frame").filter(public_id=options["sample"]).first()
        if sample is None or sample.frame is None:
            raise CommandError("There is no such sample.")
        try:
            frame = options["frame"].read_bytes() if options["frame"] else files.read(sample.frame)
            found = sampling.drawn_again(sample, frame)
        except (DomainError, OSError, ValueError) as wrong:
            raise CommandError(str(wrong)) from wrong
        entry = sampling.announcement_of(sample)
        self.stdout.write(f"seed {entry.payload['seed']} (ledger entry {entry.pk}), frame {sample.frame_hash}")
        if sample.drawn_at is None:
            self.stdout.write(f"{len(found)} listings will be drawn.")
            return
        drawn = list(sample.listings.order_by("pk").values_list("stratum", "target__public_id"))
        if drawn != found:
            differing = sum(one not in found for one in drawn)
            raise CommandError(f"The draw differs in {differing} of {len(drawn)} listings, or in their order.")
        self.stdout.write(self.style.SUCCESS(f"The same {len(drawn)} listings were drawn."))
