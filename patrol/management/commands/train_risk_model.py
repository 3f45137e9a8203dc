"""`manage.py train_risk_model`: learn the weights of the risk model from what people decided."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from patrol import training


class Command(BaseCommand):
    help = (
        "Learn the weights of the risk model from what people decided on candidates, measure them on the latest decisions, "
        "and put them in use if they are not worse than what stands."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="measure, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        found = training.train(dry_run=options["dry_run"])
        if found.why_not == "too_few":
            self.stdout.write(
                f"{found.decisions} decisions, {found.upheld} of them upheld: {training.DECISIONS} are needed, "
                f"{training.OF_EACH} of each sort. The weights stay."
            )
        elif found.why_not:
            self.stdout.write(
                "Some part of the decisions is all of one sort: nothing can be learned. The weights stay."
            )
        else:
            for name, measured in (("new", found.measured), ("before", found.before)):
                said = ", ".join(f"{key} {value:.3f}" for key, value in measured.items())
                self.stdout.write(f"{name}: {said}")
            if found.row is None:
                self.stdout.write(
                    "Better: it would be put in use." if found.is_better else "Worse: it would not be used."
                )
            else:
                self.stdout.write(f"{found.row}: " + ("in use." if found.is_better else "kept, not used: it is worse."))
