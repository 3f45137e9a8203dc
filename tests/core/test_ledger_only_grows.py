"""The database refuses to change or delete an entry of the ledger, whoever asks."""

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, connection, transaction

from core import append_only, ledger
from core.models import LedgerEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry():
    with transaction.atomic():
        return ledger.record(kind="complaint.uphold", subject="cmp_1", payload={"to": "upheld"})


def refused(change) -> None:
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        change()


def test_an_entry_is_not_changed(entry):
    refused(lambda: LedgerEntry.objects.filter(pk=entry.pk).update(actor="somebody else"))
    entry.kind = "complaint.dismiss"
    refused(entry.save)
    assert LedgerEntry.objects.get(pk=entry.pk).kind == "complaint.uphold"


def test_an_entry_is_not_deleted(entry):
    refused(entry.delete)
    refused(LedgerEntry.objects.all().delete)
    assert LedgerEntry.objects.filter(pk=entry.pk).exists()


def test_sql_by_hand_is_refused_too(entry):
    def by_hand(sql):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    refused(lambda: by_hand("UPDATE core_ledgerentry SET payload_hash = ''"))
    refused(lambda: by_hand("DELETE FROM core_ledgerentry"))
    if connection.vendor == "postgresql":
        refused(lambda: by_hand("TRUNCATE core_ledgerentry CASCADE"))


@pytest.mark.parametrize("number", [1e16, -1e300, -0.0, float("nan"), float("inf")])
def test_a_number_that_no_database_gives_back_as_it_was_is_refused(number):
    for payload in ({"n": number}, {"deep": [{"n": number}]}):
        with pytest.raises(ValueError, match="as a whole number or as text"):
            ledger.entry(kind="k", subject="s", payload=payload)
    assert ledger.entry(kind="k", subject="s", payload={"n": [0.0, 1e15, 10**20, True, None]})


def test_the_check_says_when_the_protection_is_missing():
    def said():
        return [message.id for message in run_checks(tags=["database"], databases=["default"])]

    assert "ippro.E101" not in said()
    append_only.release(connection, "core_ledgerentry")
    assert "ippro.E101" in said()
    append_only.protect(connection, "core_ledgerentry")
    assert "ippro.E101" not in said()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("again", [1, 2])
def test_tests_with_real_transactions_empty_the_ledger_and_find_it_protected(again):
    with transaction.atomic():
        ledger.record(kind="test", subject=f"{again}")
    assert LedgerEntry.objects.count() == 1
    refused(LedgerEntry.objects.all().delete)
