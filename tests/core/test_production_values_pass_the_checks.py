"""`manage.py check --deploy` is silent with the documented production values, and says what is missing without."""

import os
import subprocess
import sys

import pytest

PRODUCTION = {
    "IPPRO_SECRET_KEYS": "3nG9fXo2qLwR7tYvB5cD8eH1jK4mP6sU0zA-xC_vbN2kQ9wErTyU,"
    "9wErTyU3nG9fXo2qLwR7tYvB5cD8eH1jK4mP6sU0zA-xC_vbN2kQ",
    "IPPRO_LEDGER_SIGNING_KEY": "pB0o2Q9e0mVYdJ5cS0mXkq3l1xv8t7YwZ4uN6hR2fGs=",
    "IPPRO_BASE_URL": "https://ip.example.com",
    "IPPRO_ALLOWED_HOSTS": "ip.example.com",
    "IPPRO_BEHIND_PROXY": "true",
    "IPPRO_CONTACT_EMAIL": "ip@example.com",
    "IPPRO_FROM_EMAIL": "ippro <noreply@ip.example.com>",
    "IPPRO_STATIC_FROM_SOURCE": "false",
    "DATABASE_URL": "postgres://ippro:secret@db.example.com/ippro",
    "CELERY_BROKER_URL": "rediss://:secret@broker.example.com:6379/0?ssl_cert_reqs=CERT_REQUIRED",
    "CACHE_URL": "rediss://:secret@broker.example.com:6379/1",
    "STORAGE_URL": "s3://ippro-private/files",
    "STORAGE_ENDPOINT_URL": "https://s3.example.com",
    "EMAIL_URL": "smtp+tls://ippro:secret@smtp.example.com:587",
}


def check(tmp_path, environment: dict[str, str]) -> tuple[int, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=kept | {"IPPRO_DATA_DIR": str(tmp_path)} | environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_documented_production_values_are_clean(tmp_path):
    assert check(tmp_path, PRODUCTION) == (0, "System check identified no issues (0 silenced).\n")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"IPPRO_BASE_URL": "http://ip.example.org", "IPPRO_SECRET_KEYS": "too short", "IPPRO_DEMO": "1"},
            ["ippro.E001", "ippro.E002", "security.W009", "ippro.E004"],
        ),
        (
            {"IPPRO_LEDGER_SIGNING_KEY": "no key", "IPPRO_TSA_URL": "https://tsa.example.com"},
            ["ippro.E005", "ippro.E006"],
        ),
        ({"IPPRO_DEMO_WEBHOOK_ORIGIN": "http://127.0.0.1:8002"}, ["ippro.E007"]),
        ({"CELERY_BROKER_URL": "rediss://:secret@broker.example.com:6379/0"}, ["ippro.W008"]),
        (dict.fromkeys(PRODUCTION), [f"ippro.W00{n}" for n in (1, 2, 3, 4, 5, 7, 9)] + ["ippro.E003"]),
    ],
)
def test_each_value_that_is_missing_or_weak_is_named(tmp_path, changes, said):
    environment = {name: value for name, value in (PRODUCTION | changes).items() if value is not None}
    code, words = check(tmp_path, environment)
    assert code == 1
    assert [one for one in said if one not in words] == []
