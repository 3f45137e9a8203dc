"""`manage.py ledger_verify`: is the ledger in this database what was sealed and signed?"""

from pathlib import Path
from typing import Any

from cryptography import x509
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import ledger_export, sealing, verify_ledger


class Command(BaseCommand):
    help = (
        "Goes through the sealed ledger as the stand-alone verifier does, and through the subtrees from which proofs "
        "are read. Names the first entry that is not what was sealed, and exits with 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--key", action="append", default=[], help="a public key that the newest head must be by")
        parser.add_argument("--tsa-ca", type=Path, help="root certificates of time-stamp authorities (PEM)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            keys = tuple(verify_ledger.Key.read(key) for key in options["key"])
            roots = x509.load_pem_x509_certificates(options["tsa_ca"].read_bytes()) if options["tsa_ca"] else []
        except (verify_ledger.Bad, OSError, ValueError) as wrong:
            raise CommandError(f"What you named cannot be used: {wrong}.") from wrong
        trust = verify_ledger.Trust(keys=keys, authorities=tuple(roots))
        try:
            report = verify_ledger.check_export(ledger_export.lines(), trust)
        except verify_ledger.Bad as bad:
            where = "" if bad.index is None else f"Entry {bad.index}: "
            raise CommandError(f"{where}{bad.what}.") from bad
        for sentence in report.said:
            self.stdout.write(sentence)
        if (wrong_place := sealing.first_wrong_node()) is not None:
            raise CommandError(
                f"The stored subtree at position {wrong_place} is wrong: proofs that need it do not hold."
            )
        self.stdout.write(f"The stored subtrees fit. {sealing.unsealed_count()} entries are not sealed yet.")
