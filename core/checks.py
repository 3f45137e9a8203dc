"""What `manage.py check` says about an installation: with `--deploy` what production needs, with
`--database default` whether the ledger is protected. The documented production values raise none of it.
"""

import ssl
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.http.request import validate_host
from kombu.utils.url import parse_url

from core import append_only, notes


@register(Tags.security, deploy=True)
def production(app_configs: Any, **kwargs: Any) -> Iterable[CheckMessage]:
    """Values that are right for one laptop and wrong for the internet."""
    address = urlsplit(settings.BASE_URL)
    if address.scheme != "https":
        yield Error(
            "IPPRO_BASE_URL does not begin with https://: cookies and links in letters would travel in the clear.",
            id="ippro.E001",
        )
    if not validate_host(address.hostname or "", settings.ALLOWED_HOSTS):
        yield Error("The host of IPPRO_BASE_URL is not in IPPRO_ALLOWED_HOSTS.", id="ippro.E002")
    if not settings.SECRETS_ARE_GIVEN:
        yield Error(
            "IPPRO_SECRET_KEYS is not set: the key lies beside the data that it encrypts.",
            hint="Give a random text of at least 50 characters; put a new one in front to rotate.",
            id="ippro.E003",
        )
    if settings.DEMO:
        yield Error("IPPRO_DEMO is on: everybody can read the letters and sign in as anybody.", id="ippro.E004")
    if settings.DEMO_WEBHOOK_ORIGIN:
        yield Error(
            "IPPRO_DEMO_WEBHOOK_ORIGIN is set: in a demo everybody may have events sent there.",
            hint="IPPRO_WEBHOOK_ORIGINS names an origin in your network for one organisation.",
            id="ippro.E007",
        )
    if settings.IS_SQLITE:
        yield Warning("DATABASE_URL is not set: SQLite takes one writer and one machine.", id="ippro.W001")
    if "FileSystemStorage" in settings.STORAGES["default"]["BACKEND"] and not settings.STORAGE_IS_GIVEN:
        yield Warning(
            "STORAGE_URL is not set: private files lie in a folder that only this machine sees.",
            hint="s3://bucket/folder, or file:///a/shared/folder that is backed up.",
            id="ippro.W002",
        )
    if settings.EMAIL_BACKEND.endswith((".filebased.EmailBackend", ".console.EmailBackend", ".dummy.EmailBackend")):
        yield Warning("EMAIL_URL is not set: letters are written into a folder and reach nobody.", id="ippro.W003")
    if settings.DEFAULT_FROM_EMAIL.rstrip(">").endswith("@localhost"):
        yield Warning("IPPRO_FROM_EMAIL is not set: letters come from localhost.", id="ippro.W004")
    if settings.CELERY_BROKER_URL.startswith("redis+socket://"):
        yield Warning("CELERY_BROKER_URL is not set: the embedded broker serves one machine.", id="ippro.W005")
    if settings.CELERY_BROKER_URL.startswith("rediss://") and _lets_anybody_be_the_broker():
        yield Warning(
            "CELERY_BROKER_URL is encrypted, but to whom is not checked: Celery takes any certificate for rediss://.",
            hint="Add ?ssl_cert_reqs=CERT_REQUIRED, and &ssl_ca_certs=/path if the authority is your own.",
            id="ippro.W008",
        )
    yield from _sealing()
    if "locmem" in settings.CACHES["default"]["BACKEND"]:
        yield Warning("The cache is local to a process: limits on sign-in count for each anew.", id="ippro.W006")
    if settings.WHITENOISE_USE_FINDERS:
        yield Warning(
            "IPPRO_STATIC_FROM_SOURCE is on: run `manage.py collectstatic` and set it to false.", id="ippro.W007"
        )


def _sealing() -> Iterable[CheckMessage]:
    """Whether tree heads can be signed, by a key of their own, and time-stamps be checked."""
    try:
        notes.signing_key()
    except notes.UnusableKey as wrong:
        yield Error(str(wrong), id="ippro.E005")
    if not settings.LEDGER_SIGNING_KEY:
        yield Warning(
            "IPPRO_LEDGER_SIGNING_KEY is not set: the ledger is signed with a key made of IPPRO_SECRET_KEYS, "
            "which every process knows and which changes with them.",
            hint="`openssl rand -base64 32` makes one; only workers need it.",
            id="ippro.W009",
        )
    if settings.TSA_URL and not Path(settings.TSA_CA_FILE).is_file():
        yield Error(
            "IPPRO_TSA_URL is set and IPPRO_TSA_CA_FILE is no file: no time-stamp can be checked, so none is taken.",
            id="ippro.E006",
        )


def _lets_anybody_be_the_broker() -> bool:
    said = parse_url(settings.CELERY_BROKER_URL).get("ssl", {})
    return bool(said.get("ssl_cert_reqs") != ssl.CERT_REQUIRED)


@register(Tags.database)
def ledger_only_grows(app_configs: Any, databases: Iterable[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """The triggers that refuse to change the ledger are there, once its table is."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        there = set(connection.introspection.table_names())
        found += [
            Error(
                f"{table} can be changed: the triggers that refuse it are missing.",
                hint="Somebody dropped them, or a migration rebuilt the table. Put them back with core.append_only.",
                id="ippro.E101",
            )
            for table in append_only.unprotected(connection)
            if table in there
        ]
    return found
