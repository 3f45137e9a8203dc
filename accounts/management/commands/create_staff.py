"""Create an account for somebody who works for the platform."""

import getpass
import secrets
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts.people import create_staff
from accounts.roles import StaffRole
from core.errors import DomainError


class Command(BaseCommand):
    help = (
        "Creates an account with platform roles and prints where its owner sets up the second factor. "
        "Asks for a password; left empty, or without a terminal, one is made and printed once."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="address to sign in with")
        parser.add_argument(
            "--role", dest="roles", action="append", required=True, choices=StaffRole.values,
            help="platform role; may be given several times",
        )  # fmt: skip
        parser.add_argument(
            "--language", default="zh-hans", choices=[code for code, _name in settings.LANGUAGES],
            help="language of pages and letters (default: zh-hans)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        typed = getpass.getpass("Password (empty: make one): ") if sys.stdin.isatty() else ""
        if typed and getpass.getpass("Once more: ") != typed:
            raise CommandError("The two passwords differ; nothing was created.")
        password = typed or secrets.token_urlsafe(15)
        try:
            user = create_staff(
                email=options["email"], granted=options["roles"], password=password, language=options["language"]
            )
        except DomainError as refused:
            sentences = [s for errors in getattr(refused, "errors", {}).values() for s in errors]
            raise CommandError(" ".join(str(s) for s in sentences) or str(refused)) from refused
        self.stdout.write(f"Created {user.email}: {', '.join(sorted(user.staff_roles))}.")
        if not typed:
            self.stdout.write(f"Password, shown this once: {password}")
        self.stdout.write(f"Second factor, to be set up first: {settings.BASE_URL}{reverse('mfa_activate_totp')}")
