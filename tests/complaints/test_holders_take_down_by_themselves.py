"""Self-service: earned by a record, trained by a test, reviewed by a share, ended below 99 % with reasons."""

from datetime import timedelta

import pytest

from accounts.models import Organisation
from accounts.roles import OrgRole, StaffRole
from complaints import counter_notices, selfservice, services
from complaints.abuse import findings, suspension
from complaints.models import AbuseFinding, Complaint, ComplaintTarget, ConductMonth, Privilege, Removal
from core import clock
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter
from marketplace.models import Enforcement, Hold
from marketplace.tasks import reconcile_due
from tests.complaints.counter import clock_says_told, forwarded
from tests.complaints.helpers import shown_by_a_new_case
from tests.complaints.selfservice import RIGHT, WRONG, had, reverse, take_down
from tests.factories import (
    FilingFactory,
    ListingFactory,
    OrganisationFactory,
    a_notice,
    complaint,
    member,
    merchant_of,
    staff,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def best(stopped, holder):
    """A holder with a record that is good enough."""
    had(holder.organisation, upheld=60, dismissed=2)
    return holder


@pytest.fixture
def privileged(best):
    selfservice.ask(by=best)
    selfservice.take_test(by=best, answers=RIGHT)
    return best


@pytest.fixture
def right(holder):
    return FilingFactory(organisation=holder.organisation, created_by=holder)


# --- earning it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figures", "is_enough"),
    [
        ({"upheld": 45, "dismissed": 5}, True),
        ({"upheld": 45, "dismissed": 4}, False),
        ({"upheld": 53, "dismissed": 6}, False),
        ({"upheld": 50, "reversed": 6}, False),
    ],
)
def test_it_needs_fifty_links_of_which_ninety_percent_were_upheld(figures, is_enough, stopped, holder):
    had(holder.organisation, **figures)
    if is_enough:
        assert selfservice.ask(by=holder) == selfservice.ask(by=holder)
        assert Privilege.objects.get().state == "training"
    else:
        with pytest.raises(WrongState, match="not there yet"):
            selfservice.ask(by=holder)
        assert not Privilege.objects.exists()


def test_what_is_older_than_six_months_does_not_count(best, stopped):
    stopped.advance(days=200)
    with pytest.raises(WrongState):
        selfservice.ask(by=best)


def test_agents_cannot_have_it(stopped):
    agent = member(OrganisationFactory(kind=Organisation.Kind.AGENCY))
    had(agent.organisation, upheld=60)
    with pytest.raises(WrongState, match="not an agent"):
        selfservice.ask(by=agent)


def test_only_an_administrator_asks(best):
    with pytest.raises(Forbidden):
        selfservice.ask(by=member(best.organisation, role=OrgRole.COMPLAINANT))


# --- the test ----------------------------------------------------------------------------------------------


def test_who_passes_may_and_who_has_not_may_not(privileged, market, listings, right):
    colleague = member(privileged.organisation, role=OrgRole.COMPLAINANT)
    with pytest.raises(Forbidden, match="Take the test"):
        take_down(colleague, listings[0], filing=right)
    selfservice.take_test(by=colleague, answers=RIGHT)
    take_down(colleague, listings[0], filing=right)
    assert Letter.objects.filter(template="privilege_granted").count() == 1


def test_seven_of_eight_pass_and_six_do_not(best, stopped):
    selfservice.ask(by=best)
    six = RIGHT | dict(list(WRONG.items())[:2])
    assert not selfservice.take_test(by=best, answers=six).has_passed
    with pytest.raises(WrongState, match="a day after"):
        selfservice.take_test(by=best, answers=RIGHT)
    stopped.advance(hours=24)
    seven = RIGHT | dict(list(WRONG.items())[:1])
    assert selfservice.take_test(by=best, answers=seven).has_passed
    assert Privilege.objects.get().state == "active"


def test_three_tries_in_thirty_days(best, stopped):
    selfservice.ask(by=best)
    for _n in range(3):
        selfservice.take_test(by=best, answers=WRONG)
        stopped.advance(hours=25)
    with pytest.raises(WrongState, match="three times"):
        selfservice.take_test(by=best, answers=RIGHT)
    stopped.advance(days=30)
    assert selfservice.take_test(by=best, answers=RIGHT).has_passed


def test_every_question_is_answered(best):
    selfservice.ask(by=best)
    with pytest.raises(Invalid) as refused:
        selfservice.take_test(by=best, answers={**RIGHT, "doubt": "9"})
    assert list(refused.value.errors) == ["doubt"]


# --- using it ----------------------------------------------------------------------------------------------


def test_a_removal_holds_down_at_once_with_a_statement_of_reasons(privileged, listings, merchant, work_off, right):
    case = take_down(privileged, *listings, filing=right)
    assert case.state == "upheld"
    assert Hold.objects.active().filter(cause=case.public_id).count() == 3
    assert Enforcement.objects.filter(desired="down").count() == 3
    decision = case.decisions.get()
    assert (decision.decided_by, decision.is_automated, decision.statements.count()) == (privileged, False, 1)
    kinds = list(LedgerEntry.objects.filter(subject=case.public_id).order_by("pk").values_list("kind", flat=True))
    assert kinds[:2] == ["complaint.submit", "complaint.remove"]
    work_off()
    reconcile_due()
    work_off()
    letter = Letter.objects.get(template="notice_to_merchant")
    assert letter.user == merchant
    case.refresh_from_db()
    assert case.state == "notified"


def test_the_shop_reads_whose_decision_it_was(privileged, listings, merchant, sign_in, right):
    case = take_down(privileged, *listings, filing=right)
    notice = case.decisions.get().statements.get()
    page = sign_in(merchant).get(f"/notices/{notice.public_id}/", headers={"accept-language": "en"})
    assert notice.number in page.content.decode()
    from complaints.selectors import means_of

    assert "holder of the right decided" in means_of(notice.decision)


def test_without_the_privilege_nothing_is_taken_down(best, listings):
    with pytest.raises(Forbidden):
        take_down(best, listings[0])
    assert not Complaint.objects.exists()


def test_whole_shops_and_comparisons_go_to_a_reviewer(privileged, shop, right):
    with pytest.raises(Invalid) as refused:
        take_down(privileged, shop, filing=right, infringement="shop_name")
    assert set(refused.value.errors) == {"links", "infringement"}
    assert not Hold.objects.exists()


def test_a_draft_sent_twice_is_one_removal(privileged, listings, right):
    draft = services.keep_draft(public_id="drf_" + "3" * 26, by=privileged, data={})
    notice = a_notice(listings[0], by=privileged, filing=right)
    first = selfservice.remove(notice=notice, by=privileged, draft=draft)
    assert selfservice.remove(notice=notice, by=privileged, draft=draft) == first
    assert Removal.objects.count() == Complaint.objects.count() == 1


def test_the_first_ten_are_all_reviewed_then_one_in_ten(privileged, shop, right):
    removals = [take_down(privileged, ListingFactory(shop=shop), filing=right).removal for _n in range(12)]
    assert all(r.is_sampled for r in removals[:10])
    assert [r.is_sampled for r in removals[10:]] == [selfservice.is_drawn(r.complaint.public_id) for r in removals[10:]]
    drawn = sum(selfservice.is_drawn(f"cmp_{n}") for n in range(5000))
    assert 400 < drawn < 600


# --- reviewing it ------------------------------------------------------------------------------------------


def test_what_was_wrong_goes_up_again_and_both_sides_are_told(privileged, listings, merchant, reviewer, right):
    case = take_down(privileged, *listings, filing=right)
    wrong = list(case.targets.order_by("pk"))[:1]
    with pytest.raises(Invalid):
        selfservice.review(removal=case.removal, by=reviewer, wrong=wrong, reason="")
    selfservice.review(removal=case.removal, by=reviewer, wrong=wrong, reason="The label is genuine.")
    assert Hold.objects.active().count() == 2
    outcomes = [row.outcome for row in case.targets.order_by("pk")]
    assert outcomes == ["dismissed", "upheld", "upheld"]
    assert case.decisions.count() == 2
    assert "The label is genuine." in Letter.objects.get(template="removal_reversed").body
    assert Letter.objects.get(template="removal_reversed_shop").user == merchant
    with pytest.raises(WrongState):
        selfservice.review(removal=case.removal, by=reviewer, wrong=[], reason="")


def counted(by):
    """What became of a holder's links by its score, beside the record with which it began."""
    month = ConductMonth.objects.get(organisation=by.organisation)
    return month.upheld - 60, month.dismissed - 2, month.withdrawn, month.reversed


def test_a_removal_counts_for_its_holder_once_staff_looked_at_it(privileged, shop, reviewer, right):
    unseen, seen = (take_down(privileged, *ListingFactory.create_batch(3, shop=shop), filing=right) for _n in range(2))
    assert counted(privileged) == (0, 0, 0, 0)
    services.withdraw(complaint=unseen, by=privileged)
    assert counted(privileged) == (0, 0, 0, 0)
    selfservice.review(removal=seen.removal, by=reviewer, wrong=[seen.targets.first()], reason="Genuine.")
    assert counted(privileged) == (3, 0, 0, 1)
    services.withdraw(complaint=seen, by=privileged)
    assert counted(privileged) == (3, 0, 2, 1)


def test_a_review_reverses_what_is_still_down_and_nothing_else(privileged, listings, reviewer, right):
    case = take_down(privileged, *listings, filing=right)
    gone, held, _other = case.targets.order_by("pk")
    services.withdraw(complaint=case, by=privileged, targets=[gone])
    with pytest.raises(Invalid) as refused:
        selfservice.review(removal=case.removal, by=reviewer, wrong=[gone, held], reason="Genuine.")
    assert list(refused.value.errors) == ["links"]
    selfservice.review(removal=case.removal, by=reviewer, wrong=[held], reason="Genuine.")
    removal = Removal.objects.get()
    assert (removal.confirmed_links, removal.reversed_links) == (1, 1)
    assert list(case.decisions.last().findings.values_list("complaint_target", flat=True)) == [held.pk]
    assert counted(privileged) == (2, 0, 0, 1)


def test_when_the_last_takedown_that_was_waited_for_is_reversed_both_sides_are_told_at_once(
    privileged, listings, reviewer, right, work_off
):
    case = take_down(privileged, listings[0], filing=right)
    work_off()
    case.refresh_from_db()
    assert case.state == "upheld"
    selfservice.review(removal=case.removal, by=reviewer, wrong=list(case.targets.all()), reason="Genuine.")
    work_off()
    case.refresh_from_db()
    assert case.state == "notified"


def test_what_the_holder_takes_back_before_the_review_is_not_confirmed(privileged, shop, reviewer, right, sign_in):
    """A rival is down over a festival, and up again just before staff look."""
    case = take_down(privileged, *ListingFactory.create_batch(3, shop=shop), filing=right)
    services.withdraw(complaint=case, by=privileged, targets=list(case.targets.all())[:1])
    selfservice.review(removal=case.removal, by=reviewer, wrong=[], reason="")
    privilege = Privilege.objects.get()
    assert selfservice.accuracy_of(privilege) == selfservice.Accuracy(confirmed=2, reversed=0, taken_back=1)
    assert privilege.state == "active"
    page = sign_in(privileged).get("/standing/self-service/").content.decode()
    assert "1 link taken back before the review" in page
    assert "2 of 3 links were confirmed" in page
    assert sign_in(privileged).get("/api/v1/self-service").json()["taken_back_links"] == 1
    whole = take_down(privileged, *ListingFactory.create_batch(2, shop=shop), filing=right)
    services.withdraw(complaint=whole, by=privileged)
    assert whole.removal in Removal.objects.to_review()
    selfservice.review(removal=whole.removal, by=reviewer, wrong=[], reason="")
    privilege.refresh_from_db()
    assert (privilege.state, privilege.ended_why) == ("ended", "accuracy")
    ended = LedgerEntry.objects.get(kind="privilege.end").payload
    assert (ended["confirmed"], ended["reversed"], ended["taken_back"]) == (2, 0, 3)
    assert "What you took back before its review" in Letter.objects.get(template="privilege_ended").body
    assert counted(privileged) == (2, 0, 0, 0), "for the score it is nothing, as before"


def test_what_the_holder_gives_up_to_an_answer_before_the_review_is_not_confirmed(
    privileged, listings, reviewer, right
):
    case = take_down(privileged, *listings, filing=right)
    clock_says_told(case)
    made = forwarded(case)
    first, *_others = made.links.all()
    counter_notices.concede(counter_notice=made, by=privileged, links=[first])
    assert list(selfservice.taken_back_of(case)) == [first.complaint_target]
    selfservice.review(removal=case.removal, by=reviewer, wrong=[], reason="")
    assert selfservice.accuracy_of(Privilege.objects.get()) == selfservice.Accuracy(2, 0, 1)


def test_what_was_taken_back_counts_nothing_where_the_reviewer_finds_it_right(
    privileged, listings, sign_in, reviewer, right
):
    case = take_down(privileged, *listings, filing=right)
    gone, still, _other = case.targets.order_by("pk")
    services.withdraw(complaint=case, by=privileged, targets=[gone])
    with pytest.raises(Invalid) as refused:
        selfservice.review(removal=case.removal, by=reviewer, wrong=[], reason="", right=[still])
    assert list(refused.value.errors) == ["right"]
    client, address = sign_in(reviewer), f"/admin/complaints/removal/{case.removal.pk}"
    assert "withdrawn" in client.get(f"{address}/change/", follow=True).content.decode()
    client.post(f"{address}/stands/", {"_form_submitted": "True", "right": gone.public_id})
    assert Removal.objects.get().reviewed_at is not None
    assert selfservice.accuracy_of(Privilege.objects.get()) == selfservice.Accuracy(2, 0)


def test_what_was_not_drawn_may_be_taken_back(privileged, listings, reviewer, right):
    case = take_down(privileged, *listings, filing=right)
    Removal.objects.update(is_sampled=False)
    case.refresh_from_db()
    services.withdraw(complaint=case, by=privileged)
    selfservice.review(removal=Removal.objects.get(), by=reviewer, wrong=[], reason="")
    assert selfservice.accuracy_of(Privilege.objects.get()) == selfservice.Accuracy(0, 0)


def test_only_reviewers_who_are_no_party_review(privileged, listings, right):
    removal = take_down(privileged, listings[0], filing=right).removal
    partial = staff()
    partial.memberships.create(organisation=privileged.organisation, role=OrgRole.READER)
    for by in (privileged, staff(StaffRole.AUDITOR), partial):
        with pytest.raises(Forbidden):
            selfservice.review(removal=removal, by=by, wrong=[], reason="")


@pytest.mark.parametrize(("links", "ends"), [(19, False), (20, True)])
def test_below_ninety_nine_percent_it_ends_with_reasons(links, ends, privileged, shop, reviewer, right):
    case = take_down(privileged, *ListingFactory.create_batch(links, shop=shop), filing=right)
    wrong = [case.targets.first()]
    selfservice.review(removal=case.removal, by=reviewer, wrong=wrong, reason="Genuine.")
    privilege = Privilege.objects.get()
    assert (privilege.state == "ended") is ends
    if ends:
        assert (privilege.ended_why, privilege.notified_at) == ("accuracy", clock.now())
        letter = Letter.objects.get(template="privilege_ended")
        assert "Of 20 links that staff reviewed, 19 were confirmed" in letter.body
        assert "appeal" in letter.body
        with pytest.raises(Forbidden):
            take_down(privileged, ListingFactory(shop=shop), filing=right)
        senior = staff(StaffRole.SENIOR_REVIEWER)
        selfservice.restore_privilege(privilege=privilege, by=senior, reason="The review was wrong.")
        take_down(privileged, ListingFactory(shop=shop), filing=right)


def test_two_mistakes_among_a_few_end_it(privileged, shop, reviewer, right):
    cases = [take_down(privileged, *ListingFactory.create_batch(3, shop=shop), filing=right) for _n in range(2)]
    for case, state in zip(cases, ("active", "ended"), strict=True):
        selfservice.review(removal=case.removal, by=reviewer, wrong=[case.targets.first()], reason="Genuine.")
        assert Privilege.objects.get().state == state


def test_one_reversed_of_a_hundred_stays(privileged, shop, reviewer, right):
    case = take_down(privileged, *ListingFactory.create_batch(100, shop=shop), filing=right)
    selfservice.review(removal=case.removal, by=reviewer, wrong=[case.targets.first()], reason="Genuine.")
    assert Privilege.objects.get().state == "active"


def test_a_suspension_ends_it(privileged, work_off, stopped):
    seniors = staff(StaffRole.SENIOR_REVIEWER), staff(StaffRole.SENIOR_REVIEWER)
    made = []
    for key in "ab":
        found = AbuseFinding.objects.create(
            organisation=privileged.organisation, pattern="threats", key=key, figures={"n": 1}
        )
        shown_by_a_new_case(found)
        made.append(findings.confirm(finding=found, by=seniors[0], reason="Twice."))
        if key == "a":
            warned = suspension.warn(
                organisation=privileged.organisation, by=seniors[0], findings=made, facts="Threats."
            )
            stopped.advance(days=1)
    suspension.suspend(suspension=warned, by=seniors[1], findings=made[1:], facts="More.")
    work_off()
    assert (Privilege.objects.get().state, Privilege.objects.get().ended_why) == ("ended", "suspended")


def test_staff_take_it_away_and_the_holder_gives_it_up(privileged, stopped):
    privilege = Privilege.objects.get()
    with pytest.raises(Forbidden):
        selfservice.take_away(privilege=privilege, by=staff(), reason="No.")
    senior = staff(StaffRole.SENIOR_REVIEWER)
    assert selfservice.give_up(privilege=privilege, by=privileged).ended_why == "given_up"
    again = selfservice.ask(by=privileged)
    assert again != privilege
    assert selfservice.take_away(privilege=again, by=senior, reason="Careless.").state == "ended"


# --- earning it anew ---------------------------------------------------------------------------------------


def test_what_staff_took_away_is_earned_anew_after_half_a_year(privileged, stopped):
    senior = staff(StaffRole.SENIOR_REVIEWER)
    selfservice.take_away(privilege=Privilege.objects.get(), by=senior, reason="Careless.")
    stopped.advance(days=182, hours=23)
    ConductMonth.objects.update(month_on=clock.today().replace(day=1))
    with pytest.raises(WrongState, match="lost no self-service"):
        selfservice.ask(by=privileged)
    stopped.advance(hours=1, seconds=1)
    assert selfservice.ask(by=privileged).state == "training"


def test_what_an_appeal_gave_back_was_not_lost(privileged):
    senior = staff(StaffRole.SENIOR_REVIEWER)
    privilege = selfservice.take_away(privilege=Privilege.objects.get(), by=senior, reason="Careless.")
    selfservice.restore_privilege(privilege=privilege, by=senior, reason="It was not.")
    selfservice.give_up(privilege=privilege, by=privileged)
    assert selfservice.ask(by=privileged).state == "training"


def test_who_gives_up_and_asks_again_keeps_what_reviews_found(privileged, shop, reviewer, right):
    """Of two mistakes one was found before it was given up, and one after it was earned anew: it ends all the same."""
    first, second = (take_down(privileged, ListingFactory(shop=shop), filing=right) for _n in range(2))
    reverse(first, reviewer)
    selfservice.give_up(privilege=Privilege.objects.get(), by=privileged)
    selfservice.ask(by=privileged)
    assert selfservice.take_test(by=privileged, answers=RIGHT).has_passed
    reverse(second, reviewer)
    assert list(Privilege.objects.order_by("pk").values_list("ended_why", flat=True)) == ["given_up", "accuracy"]


def test_who_gives_it_up_below_the_mark_has_lost_it(privileged, shop, reviewer, right):
    wrong = [take_down(privileged, ListingFactory(shop=shop), filing=right) for _n in range(2)]
    selfservice.give_up(privilege=Privilege.objects.get(), by=privileged)
    for case in wrong:
        reverse(case, reviewer)
    with pytest.raises(WrongState, match="lost no self-service"):
        selfservice.ask(by=privileged)


def test_a_new_privilege_gives_no_new_tries(best, stopped):
    for _n in range(3):
        privilege = selfservice.ask(by=best)
        selfservice.take_test(by=best, answers=WRONG)
        selfservice.give_up(privilege=privilege, by=best)
        selfservice.ask(by=best)
        with pytest.raises(WrongState, match="a day after"):
            selfservice.take_test(by=best, answers=RIGHT)
        stopped.advance(hours=25)
    with pytest.raises(WrongState, match="three times"):
        selfservice.take_test(by=best, answers=RIGHT)


def test_who_became_an_agent_takes_nothing_down_any_more(privileged, listings, right):
    Organisation.objects.update(kind=Organisation.Kind.AGENCY)
    with pytest.raises(Forbidden, match="not an agent"):
        take_down(type(privileged).objects.get(pk=privileged.pk), listings[0], filing=right)
    assert not Hold.objects.exists()


# --- pages and API -----------------------------------------------------------------------------------------


def test_the_way_through_the_pages(best, listings, sign_in, right, django_assert_max_num_queries):
    browser = sign_in(best)
    assert "Ask for self-service" in browser.get("/standing/self-service/").content.decode()
    browser.post("/standing/self-service/ask/")
    assert browser.post("/standing/self-service/test/", {}).status_code == 422
    answer = browser.post("/standing/self-service/test/", RIGHT, follow=True)
    assert "You passed the test" in answer.content.decode()
    assert "Take down at once" in browser.get("/complaints/new/").content.decode()
    sent = {
        "draft": "drf_" + "2" * 26, "filing": right.public_id, "links": listings[0].url, "action": "remove",
        "infringement": "counterfeit", "description": "The seams differ from ours, and the label is wrong.",
        "signature": "Hanna Holder", "good_faith": "on",
    }  # fmt: skip
    page = browser.post("/complaints/new/", sent, follow=True).content.decode()
    case = Complaint.objects.get()
    assert case.state == "upheld"
    assert f"{case.number}: taken down." in page
    with django_assert_max_num_queries(23):
        assert case.number in browser.get("/standing/self-service/").content.decode()


def test_who_lost_it_reads_why_and_what_reviews_found(privileged, shop, reviewer, right, sign_in):
    for _n in range(2):
        reverse(take_down(privileged, ListingFactory(shop=shop), filing=right), reviewer)
    page = sign_in(privileged).get("/standing/self-service/", headers={"accept-language": "en"}).content.decode()
    assert "too many removals were reversed on review" in page
    assert "0 of 2 links were confirmed" in page


def test_the_api_takes_down(privileged, listings, sign_in, right):
    api = sign_in(privileged)
    body = {
        "right": right.public_id, "infringement": "counterfeit", "links": [listings[0].url], "good_faith": True,
        "description": "The seams differ from ours, and the label is wrong.", "signature": "Hanna Holder",
    }  # fmt: skip
    made = api.post("/api/v1/complaints/remove", body, content_type="application/json")
    assert (made.status_code, made.json()["state"], made.json()["upheld_count"]) == (201, "upheld", 1)
    said = api.get("/api/v1/self-service").json()
    assert (said["state"], said["may_remove"]) == ("active", True)
    other = sign_in(member()).post("/api/v1/complaints/remove", body, content_type="application/json")
    assert other.status_code == 403
    assert ComplaintTarget.objects.count() == 1


def test_staff_review_in_the_workplace(privileged, listings, sign_in, reviewer, right):
    case = take_down(privileged, *listings, filing=right)
    client, address = sign_in(reviewer), f"/admin/complaints/removal/{case.removal.pk}"
    assert case.number in client.get("/admin/complaints/removal/?review=waits").content.decode()
    assert case.targets.first().public_id in client.get(f"{address}/change/", follow=True).content.decode()
    sent = {"_form_submitted": "True", "words": "Genuine.", "links": case.targets.first().public_id}
    client.post(f"{address}/wrong/", sent)
    removal = Removal.objects.get()
    assert (removal.confirmed_links, removal.reversed_links) == (2, 1)
    assert case.number not in client.get("/admin/complaints/removal/?review=waits").content.decode()


def test_removals_that_nobody_holds_wait_for_nobody(privileged, listings, right, stopped):
    """The deadlines of a removal are those of any upheld complaint."""
    case = take_down(privileged, listings[0], filing=right)
    assert case.deadline_at - clock.now() == timedelta(minutes=30)
    assert merchant_of(listings[0].shop) is not None
    assert complaint(by=privileged).state == "submitted"
