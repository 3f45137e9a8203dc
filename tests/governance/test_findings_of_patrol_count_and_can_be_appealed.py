"""What patrol upheld brings its shop points, and the shop can appeal; reversed, nothing of it counts any more."""

import pytest

from governance.appealable import contested_by
from governance.models import Strike
from governance.penalties.points import finding_decided
from patrol import services
from tests.factories import merchant_of
from tests.patrol.build import a_finding, a_senior

pytestmark = pytest.mark.django_db


def test_a_finding_counts_once_and_no_more_when_it_is_reversed(work_off):
    finding = a_finding()
    work_off()
    finding_decided(finding.public_id)
    strike = Strike.objects.get(cause=finding.public_id)
    assert (strike.code, strike.shop, strike.counts) == ("M1", finding.shop, True)
    services.reverse(candidate=finding.candidate, by=a_senior(), reason="It is genuine.")
    work_off()
    strike.refresh_from_db()
    assert not strike.counts


def test_its_merchant_can_appeal_while_it_stands(work_off):
    finding = a_finding()
    merchant = merchant_of(finding.shop)
    work_off()
    contested = contested_by(merchant, finding.public_id)
    assert (contested.kind.name, contested.stands, contested.number) == ("finding", True, finding.number)
    assert contested.notified_at is not None
    services.reverse(candidate=finding.candidate, by=a_senior(), reason="It is genuine.")
    assert not contested_by(merchant, finding.public_id).stands
