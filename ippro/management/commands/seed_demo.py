"""`manage.py seed_demo`: fills a demo installation with the demo world and prints who can sign in."""

import json
from dataclasses import asdict
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Load the demo world: companies, rights, shops, complaints, pictures. Repeating it changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--storefront-url", default="http://localhost:8100", help="where visitors see Demo Mall")
        parser.add_argument("--ops-url", default="", help="address of the running storefront, which is then filled too")
        parser.add_argument("--ops-token", default="", help="the bearer token of that API")
        parser.add_argument("--inbound-secret", default="", help="whsec_… with which Demo Mall signs its events")
        parser.add_argument("--seed", type=int, default=2026)
        parser.add_argument("--scale", type=float, default=1.0, help="multiplies listings, films and streams")
        parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This makes logins with a known password. Set IPPRO_DEMO=1 if this is a demo.")
        if not 0 < options["scale"] <= 50:
            raise CommandError("--scale: more than 0, at most 50.")
        from seeds.load import load_world
        from seeds.logins import PASSWORD, TOTP_SECRET

        quiet = options["json"]
        loaded = load_world(
            storefront_url=options["storefront_url"].rstrip("/"),
            ops_url=options["ops_url"].rstrip("/"),
            ops_token=options["ops_token"],
            inbound_secret=options["inbound_secret"],
            seed=options["seed"],
            scale=options["scale"],
            say=lambda line: None if quiet else self.stdout.write(f"  {line}"),
        )
        if quiet:
            self.stdout.write(
                json.dumps(
                    {
                        "password": PASSWORD, "totp_secret": TOTP_SECRET, "pictures": str(loaded.pictures),
                        "complaints": loaded.complaints, "logins": [asdict(login) for login in loaded.logins],
                    },
                    ensure_ascii=False,
                )
            )  # fmt: skip
            return
        self.stdout.write(self.style.SUCCESS("\nDemo logins") + f" (password for all: {PASSWORD})")
        for login in loaded.logins:
            who = f"{login.organisation}, {login.role}" if login.organisation else f"platform: {login.role}"
            self.stdout.write(f"  {login.email:<38}{who}{' *' if login.needs_code else ''}")
        counters = list(yield_hotp_counters_from_time())
        code = format_hotp_value(hotp_value(TOTP_SECRET, counters[len(counters) // 2]))
        self.stdout.write(f"* second factor: secret {TOTP_SECRET}, the code of this half minute is {code}\n")
