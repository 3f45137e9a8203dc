"""Each regime has a page for lawyers that says what its table says."""

from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from complaints.management.commands import describe_regimes
from complaints.models import Proceeding
from complaints.regimes import REGIMES, US_DMCA, Document, Party


def test_the_pages_are_current():
    call_command("describe_regimes", "--check")


def test_a_page_that_is_out_of_date_is_said_and_written_anew(tmp_path, settings, monkeypatch, capsys):
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(describe_regimes, "FOLDER", tmp_path)
    with pytest.raises(CommandError, match=r"regime-cn\.md is out of date: run manage\.py describe_regimes"):
        call_command("describe_regimes", "--check")
    call_command("describe_regimes")
    call_command("describe_regimes", "--check")


@pytest.mark.parametrize("regime", REGIMES.values(), ids=lambda r: r.code)
def test_a_page_has_every_element_period_and_source(regime):
    page = describe_regimes.describe(regime)
    for element in (*regime.notice, *regime.counter_notice):
        assert str(element.label) in page
        assert element.source in page
    for period in regime.periods:
        assert f"`{period.event}`" in page
        assert str(period.consequence) in page


def test_a_page_says_which_personal_data_goes_to_whom_and_which_stays():
    page = describe_regimes.describe(US_DMCA)
    assert "passed on: Signature of the merchant" in page
    assert "Address; Telephone" in page.replace("\n", " ")
    chinas = describe_regimes.describe(REGIMES["cn"])
    assert "stays with the platform: Identity of the merchant" in chinas


def test_what_no_passing_names_is_passed_to_nobody():
    for regime in REGIMES.values():
        assert not regime.passed(Document.COUNTER_NOTICE, to=Party.MERCHANT)
        assert "signature" not in regime.passed(Document.NOTICE, to=Party.MERCHANT)
    assert {"name", "address", "phone"} <= set(US_DMCA.passed(Document.COUNTER_NOTICE, to=Party.COMPLAINANT))
    assert not REGIMES["eu"].passed(Document.COUNTER_NOTICE, to=Party.COMPLAINANT)


def test_what_proves_a_proceeding_is_named_with_its_source():
    for regime in REGIMES.values():
        page = describe_regimes.describe(regime)
        assert regime.proofs <= set(Proceeding.Kind.values)
        assert str(regime.proof_asked) in page
        assert regime.proof_source in page
        # Where time releases something, something keeps it down.
        assert bool(regime.proofs) == (regime.waits_from is not None)
    assert US_DMCA.proofs == {"lawsuit"}


def test_a_regime_without_a_time_for_something_says_which():
    with pytest.raises(LookupError, match="notice-received"):
        _ = replace(US_DMCA, periods=()).admission
