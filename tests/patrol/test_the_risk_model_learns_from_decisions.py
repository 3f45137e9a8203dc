"""Weights are learned from what people decided, used if they are not worse, and go back to the documented ones."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from accounts.roles import StaffRole
from core import clock
from core.errors import Forbidden
from core.models import LedgerEntry
from patrol import risk, services, training
from patrol.models import Candidate, CandidateDecision, RiskModel
from patrol.signals import Seen
from patrol.tasks import train_risk_model
from tests import factories
from tests.patrol.build import FACTS, a_candidate

pytestmark = pytest.mark.django_db

PIRATED = [Seen("text.name", 1.0), Seen("price.floor", 0.9), Seen("wording.copy", 0.9)]
#: what the documented weights take for suspicious, and people here dismissed each time
HARMLESS = [Seen("text.name", 1.0), Seen("seller.sudden", 1.0), Seen("price.floor", 1.0)]


@pytest.fixture
def decided():
    """Decides on so many candidates: of five, three pirated ones upheld and two harmless ones dismissed."""
    profile, shop, reviewer = factories.a_profile(), factories.ShopFactory(), factories.staff()

    def decide(count, **fields):
        for n in range(count):
            upheld = n % 5 < 3
            seen = PIRATED if upheld else HARMLESS
            score, parts = risk.DOCUMENTED.score(seen)
            at = clock.now() - timedelta(hours=count - n)
            listing = factories.ListingFactory(shop=shop, marketplace=shop.marketplace)
            outcome = "upheld" if upheld else "dismissed"
            candidate = Candidate.objects.create(
                number=f"K-{listing.pk}",
                target=listing,
                profile=profile,
                state=outcome,
                target_version=1,
                score=score,
                parts=parts,
                signals=[s.as_json() for s in seen],
            )
            given = {"outcome": outcome, "decided_by": reviewer, "decided_at": at} | fields
            CandidateDecision.objects.create(number=f"D-{listing.pk}", candidate=candidate, shop=shop, **given)
        return profile

    return decide


def test_with_too_few_decisions_the_documented_weights_stand(decided, capsys):
    decided(training.DECISIONS - 1)
    assert train_risk_model() is False
    call_command("train_risk_model")
    assert "200 are needed" in capsys.readouterr().out
    assert risk.in_use() == risk.DOCUMENTED


def test_it_learns_what_people_dismiss_and_stands_when_it_is_better(decided, capsys):
    decided(training.DECISIONS)
    before, _parts = risk.score(HARMLESS)
    call_command("train_risk_model", "--dry-run")
    assert not RiskModel.objects.exists()
    assert train_risk_model() is True
    row = RiskModel.objects.get()
    assert row.is_in_use
    assert row.version == 1
    assert row.trained_on + row.measured_on == training.DECISIONS
    assert row.measurements["new"]["precision"] > row.measurements["before"]["precision"]
    score, parts = risk.score(HARMLESS)
    assert score < before
    assert score < risk.in_use().candidate <= risk.score(PIRATED)[0]
    assert score == pytest.approx(risk.probability(risk.in_use().bias + sum(parts.values())), abs=1e-3)
    assert LedgerEntry.objects.filter(kind="risk_model.put_in_use", subject=row.public_id).exists()
    # Not before a week is over.
    assert train_risk_model() is False


def test_a_version_that_is_worse_is_kept_and_not_used(decided, monkeypatch):
    decided(training.DECISIONS)
    worse = risk.Model(5.0, {}, risk.CANDIDATE, risk.SURE)
    monkeypatch.setattr(training, "_calibrated", lambda *args: (worse, {"sure": 1.0}))
    monkeypatch.setattr(risk, "in_use", lambda: risk.Model(-3.0, {"wording.copy": 6.0}, 0.5, 0.9))
    found = training.train()
    assert found.row is not None
    assert not found.is_better
    assert not RiskModel.objects.filter(is_in_use=True).exists()


def test_what_rules_held_teaches_nothing_and_what_was_reversed_counts_as_dismissed(decided):
    profile = decided(50, is_automated=True)
    assert training.examples() == []
    assert risk.measured_precision(profile) == (0.0, 0)
    candidate = Candidate.objects.filter(state="upheld").first()
    CandidateDecision.objects.create(
        number="D-r", candidate=candidate, shop=candidate.target.shop, outcome="reversed", decided_by=factories.staff()
    )
    assert [e.is_upheld for e in training.examples()] == [False]
    assert risk.measured_precision(profile) == (0.0, 1)


def test_it_learns_from_what_was_decided_on_not_from_what_the_listing_shows_since():
    profile = factories.a_profile()
    first = a_candidate(profile, score=0.95)
    services.dismiss(candidate=first, by=factories.staff(), why="compatible")
    old = a_candidate(profile, score=0.95)
    services.dismiss(candidate=old, by=factories.staff(), why="compatible")
    CandidateDecision.objects.filter(candidate=old).update(snapshot={})
    assert risk.measured_precision(profile) == (0.0, 2)
    Candidate.objects.update(state="open", score=0.1, signals=[Seen("wording.copy", 1.0).as_json()])
    assert [set(e.strengths) for e in training.examples()] == [{"text.name", "price.floor"}], (
        "what was not kept is left out"
    )
    assert risk.measured_precision(profile) == (0.0, 1)


def test_what_was_upheld_of_a_shop_in_one_go_is_one_decision():
    profile, shop, by = factories.a_profile(), factories.ShopFactory(), factories.staff()
    first = None
    for _n in range(5):
        listing = factories.ListingFactory(shop=shop, marketplace=shop.marketplace)
        candidate = a_candidate(profile, listing, score=0.95)
        upheld = services.uphold(candidate=candidate, by=by, rule="U1", facts=FACTS, decided_with=first)
        first = first or upheld
    assert risk.measured_precision(profile) == (1.0, 1)
    other = a_candidate(profile, score=0.95)
    services.uphold(candidate=other, by=by, rule="U1", facts=FACTS, decided_with=first)
    assert risk.measured_precision(profile) == (1.0, 2), "of another shop it is one of its own"


def test_a_senior_puts_a_version_or_the_documented_weights_in_use(decided):
    decided(training.DECISIONS)
    row = training.train().row
    with pytest.raises(Forbidden):
        training.put_in_use(row=None, by=factories.staff())
    training.put_in_use(row=None, by=factories.staff(StaffRole.SENIOR_REVIEWER))
    assert risk.in_use() == risk.DOCUMENTED
    training.put_in_use(row=row, by=factories.staff(StaffRole.SENIOR_REVIEWER))
    assert risk.in_use().row == row
