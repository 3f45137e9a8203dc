"""The staff's desk of candidates: the list, one with its evidence, a whole shop at once."""

import pytest

from accounts.roles import StaffRole
from marketplace.models import Hold
from patrol.models import Candidate
from tests.factories import ListingFactory, staff
from tests.patrol.build import FACTS, a_candidate, a_profile

pytestmark = pytest.mark.django_db
LIST = "/admin/patrol/candidate/"
UPHOLD = {"step": "uphold", "rule": "U1", "facts": FACTS, "infringement": "counterfeit"}


def page_of(candidate):
    return f"{LIST}{candidate.public_id}/review/"


def group_of(candidate):
    return f"{LIST}group/?by=shop&of={candidate.target.shop.public_id}"


def state_of(candidate):
    return Candidate.objects.get(pk=candidate.pk).state


def test_the_surest_stands_first_and_leads_to_its_evidence(sign_in):
    weak, strong = a_candidate(score=0.6), a_candidate(score=0.97)
    desk = sign_in(staff())
    listed = desk.get(LIST).content.decode()
    assert listed.index(strong.number) < listed.index(weak.number)
    shown = desk.get(page_of(strong)).content.decode()
    assert "below the price floor" in shown
    assert "97" in shown


def test_one_key_upholds_and_holds_down(sign_in):
    candidate = a_candidate()
    answer = sign_in(staff()).post(page_of(candidate), UPHOLD)
    assert answer.status_code == 302
    assert state_of(candidate) == "upheld"
    assert Hold.objects.active().filter(target=candidate.target).count() == 1


def test_a_dismissal_needs_its_reason(sign_in):
    candidate = a_candidate()
    desk = sign_in(staff())
    refused = desk.post(page_of(candidate), {"step": "dismiss"})
    assert refused.status_code == 422
    assert "Choose why it is no infringement." in refused.content.decode()
    assert state_of(candidate) == "open"
    desk.post(page_of(candidate), {"step": "dismiss", "why": "resale"})
    assert state_of(candidate) == "dismissed"


def test_the_brand_is_asked_or_handed_the_case(sign_in):
    asked, handed = a_candidate(), a_candidate()
    desk = sign_in(staff())
    desk.post(page_of(asked), {"step": "ask_brand"})
    desk.post(page_of(handed), {"step": "hand_over"})
    assert (state_of(asked), state_of(handed)) == ("asked", "handed_over")


def test_what_is_ticked_of_a_shop_is_decided_at_once_and_nothing_else(sign_in):
    profile, first = a_profile(), ListingFactory()
    mine = [a_candidate(profile, first), *(a_candidate(profile, ListingFactory(shop=first.shop)) for _n in range(2))]
    other = a_candidate(profile)
    desk = sign_in(staff())
    shown = desk.get(group_of(mine[0])).content.decode()
    assert all(c.public_id in shown for c in mine)
    assert other.public_id not in shown
    ticked = [mine[0].public_id, mine[1].public_id, other.public_id]
    desk.post(group_of(mine[0]), {**UPHOLD, "candidate": ticked})
    assert [state_of(c) for c in (*mine, other)] == ["upheld", "upheld", "open", "open"]


def test_nothing_ticked_decides_nothing(sign_in):
    candidate = a_candidate()
    refused = sign_in(staff()).post(group_of(candidate), UPHOLD)
    assert refused.status_code == 422
    assert state_of(candidate) == "open"


def test_auditors_look_and_decide_nothing(sign_in):
    candidate = a_candidate()
    desk = sign_in(staff(StaffRole.AUDITOR))
    assert desk.get(page_of(candidate)).status_code == 200
    assert desk.post(page_of(candidate), UPHOLD).status_code == 403
    assert state_of(candidate) == "open"


def test_the_list_asks_as_often_for_many_as_for_few(sign_in, django_assert_max_num_queries):
    profile = a_profile()
    for _n in range(12):
        a_candidate(profile)
    desk = sign_in(staff())
    desk.get(LIST)
    with django_assert_max_num_queries(30):
        desk.get(LIST)
    for by in ("by-shop", "by-copy"):
        assert desk.get(f"{LIST}{by}/").status_code == 200
