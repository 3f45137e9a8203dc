"""A decision cites a rule that fits the right on which the complaint rests, and the thing complained of."""

import pytest

from complaints import services
from complaints.models import Decision
from complaints.reasons import REASONS
from complaints.rules import USUAL_RULE
from complaints.services import Found
from core.errors import Invalid
from filings.models import RightKind
from marketplace.models import Hold
from rulebook.selectors import rules_in_force
from tests.complaints.desk import at, choices, since, text_of
from tests.factories import FilingFactory, ShopFactory, a_file, complaint, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer():
    return staff()


def case_under(kind, infringement, reviewer, *targets):
    """A case under a right of this kind that waits for the reviewer's decision."""
    by = member()
    right = FilingFactory(organisation=by.organisation, created_by=by, kind=kind)
    sent = complaint(*targets, by=by, filing=right, infringement=infringement, evidence=[a_file(by)])
    return services.accept(complaint=sent, by=reviewer)


def codes(options):
    return [rule.code for rule in options]


@pytest.mark.parametrize("reason", REASONS, ids=lambda reason: reason.kind)
def test_the_usual_rule_of_a_kind_of_infringement_fits_every_right_and_target_of_that_kind(reason):
    rule = rules_in_force()[USUAL_RULE[reason.kind]]
    assert rule.upholds
    assert all(rule.fits(right=right, kinds=reason.targets) for right in reason.rights)


def test_every_right_has_rules_that_uphold_and_every_dismissal_but_one_fits_every_right():
    rules = [rule for rule in rules_in_force().values() if rule.is_for_decisions]
    for right in RightKind.values:
        assert any(r.upholds and r.fits(right=right, kinds={"listing"}) for r in rules)
        unfit = [r.code for r in rules if not r.upholds and not r.fits(right=right, kinds={"listing", "shop"})]
        assert unfit == ([] if right == RightKind.FIRST_PUBLICATION else ["D7"])


def test_a_rule_of_another_right_upholds_nothing_and_those_that_fit_are_named(reviewer):
    case = case_under("copyright_work", "copied_image", reviewer)
    for code in ("U1", "U5", "U6"):
        with pytest.raises(Invalid) as wrong:
            services.decide(complaint=case, by=reviewer, findings=[Found(case.targets.get(), True, code, "Copied.")])
        assert "U3" in str(wrong.value.errors["rule"])
        assert "U1" not in str(wrong.value.errors["rule"])
    assert not Decision.objects.exists()
    assert not Hold.objects.exists()
    services.decide(complaint=case, by=reviewer, findings=[Found(case.targets.get(), True, "U3", "Copied.")])


def test_rules_about_shops_fit_shops_alone(reviewer):
    listing = case_under("trademark", "counterfeit", reviewer)
    for code in ("U7", "U8"):
        with pytest.raises(Invalid):
            services.decide(
                complaint=listing, by=reviewer, findings=[Found(listing.targets.get(), True, code, "Seen.")]
            )
    shop = case_under("trademark", "shop_name", reviewer, ShopFactory())
    services.decide(complaint=shop, by=reviewer, findings=[Found(shop.targets.get(), True, "U7", "Seen.")])


def test_the_review_offers_the_rules_that_fit(reviewer, sign_in):
    case = case_under("patent_design", "design_copy", reviewer)
    page = sign_in(reviewer).get(at(case))
    assert codes(page.context["rules_up"]) == ["U5"]
    assert codes(page.context["rules_down"]) == ["D1", "D2", "D3", "D4", "D5", "D6"]
    assert 'value="U1"' not in text_of(page)


@pytest.mark.parametrize("step", ["review", "preview", "decide"])
def test_a_rule_that_does_not_fit_is_refused_at_every_step_of_the_desk(reviewer, sign_in, step):
    case = case_under("patent_design", "design_copy", reviewer)
    answer = sign_in(reviewer).post(at(case, step), choices(case, "U1"))
    assert answer.status_code == 422
    if step != "decide":
        assert "Choose one of the rules that fit this right." in text_of(answer)
    assert not Decision.objects.exists()


def test_a_rule_that_does_not_fit_is_not_chosen_for_all(reviewer, sign_in):
    case = case_under("patent_design", "design_copy", reviewer)
    answer = sign_in(reviewer).post(at(case), {**since(case), "step": "fill", "all-rule": "U1"})
    assert answer.status_code == 422
    assert answer.context["choices"].open == [case.targets.get().public_id]


def test_the_api_says_which_rules_fit(reviewer, sign_in):
    case = case_under("copyright_software", "pirated_software", reviewer)
    finding = {"link": case.targets.get().public_id, "upheld": True, "rule": "U1", "facts": "A copied key."}
    answer = sign_in(reviewer).post(
        f"/api/v1/complaints/{case.public_id}/decide", {"findings": [finding]}, content_type="application/json"
    )
    assert answer.status_code == 422
    assert "U4" in answer.json()["errors"]["rule"][0]
    assert "U1" not in answer.json()["errors"]["rule"][0]
