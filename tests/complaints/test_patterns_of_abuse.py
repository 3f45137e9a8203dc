"""Each of the twelve patterns is found where it is, with the cases that show it, and not where it is not."""

from datetime import UTC, date, datetime

import pytest

from accounts.roles import StaffRole
from complaints import conversations, services
from complaints.abuse import findings, looking, suspension
from complaints.abuse.patterns import PATTERNS
from complaints.abuse.patterns.texts import alike, sketch
from complaints.models import AbuseCase, AbuseFinding, Complaint, ConductMonth, Look, Suspension
from complaints.services import Found
from core import clock
from core.errors import Invalid, WrongState
from core.models import LedgerEntry
from filings.models import Filing, GenuineSeller, RightKind
from tests.complaints.helpers import found
from tests.factories import (
    FilingFactory,
    ListingFactory,
    MarketplaceFactory,
    ShopFactory,
    a_notice,
    complaint,
    member,
    merchant_of,
    staff,
)

pytestmark = pytest.mark.django_db
THREAT = "Pay us or we close your shop, that is all we have to say."


@pytest.fixture
def shop(stopped):
    return ShopFactory(marketplace=MarketplaceFactory())


@pytest.fixture
def right(holder):
    return FilingFactory(organisation=holder.organisation, created_by=holder)


@pytest.fixture
def send(holder, shop, right):
    """Complain: of one new listing of the shop under one right, unless said otherwise."""

    def sent(*targets, filing=None, description="", **fields):
        notice = a_notice(*(targets or [ListingFactory(shop=shop)]), by=holder, filing=filing or right, **fields)
        if description:
            notice = services.Notice(**{**vars(notice), "description": description})
        return services.submit_complaint(notice=notice, by=holder)

    return sent


@pytest.fixture
def dismiss(reviewer):
    def dismissed(case, rule="D1"):
        services.accept(complaint=case, by=reviewer)
        rows = [Found(row, False, rule, "Not so.") for row in case.targets.all()]
        services.decide(complaint=case, by=reviewer, findings=rows)
        return case

    return dismissed


@pytest.fixture
def uphold(reviewer):
    def upheld(case):
        services.accept(complaint=case, by=reviewer)
        services.decide(complaint=case, by=reviewer, findings=found(case))
        case.refresh_from_db()
        return case

    return upheld


def seen(pattern, holder):
    """What the pattern finds now: the cases of each occasion."""
    return [set(e.cases) for e in PATTERNS[pattern].find(holder.organisation, clock.now())]


def ids(*cases):
    return {case.public_id for case in cases}


def test_there_are_twelve_and_each_says_what_it_is():
    assert len(PATTERNS) == 12
    for code, pattern in PATTERNS.items():
        assert pattern.code == code
        assert all(map(str, (pattern.title, pattern.rule, pattern.to_staff, pattern.to_complainant, pattern.source)))


def test_withdrawals_after_takedowns(send, uphold, holder):
    cases = [uphold(send()) for _n in range(3)]
    for case in cases[:2]:
        services.withdraw(complaint=case, by=holder)
    assert seen("withdrawn_for_money", holder) == []
    services.withdraw(complaint=cases[2], by=holder)
    assert seen("withdrawn_for_money", holder) == [ids(*cases)]


def test_a_withdrawal_that_names_the_money(send, uphold, holder):
    case, other = uphold(send()), uphold(send())
    services.withdraw(complaint=other, by=holder, reason="The listing is gone.")
    services.withdraw(complaint=case, by=holder, reason="和解金，已 打款")
    assert seen("withdrawn_for_money", holder) == [ids(case)]


def test_a_withdrawal_before_the_decision_shows_nothing(send, holder):
    for _n in range(4):
        services.withdraw(complaint=send(), by=holder)
    assert seen("withdrawn_for_money", holder) == []


def test_rights_not_in_force(send, dismiss, holder, right):
    cases = [dismiss(send(), "D5") for _n in range(3)]
    dismiss(send(), "D1")
    assert seen("right_not_in_force", holder) == [ids(*cases)]


def test_a_right_that_was_revoked(send, holder, right):
    case = send()
    assert seen("right_not_in_force", holder) == []
    Filing.objects.filter(pk=right.pk).update(state=Filing.State.REVOKED)
    assert seen("right_not_in_force", holder) == [ids(case)]


def test_forged_papers(send, holder, right):
    case = send()
    Filing.objects.filter(pk=right.pk).update(state=Filing.State.REVOKED, review_note="Expired.")
    assert seen("forged_papers", holder) == []
    Filing.objects.filter(pk=right.pk).update(review_note="The certificate was FORGED.")
    assert seen("forged_papers", holder) == [ids(right, case)]


def test_serial_partial_complaints(send, holder, shop):
    cases = [send() for _n in range(5)]
    send(ListingFactory())
    send(*ListingFactory.create_batch(3, shop=shop))
    assert seen("serial_partial", holder) == []
    cases.append(send())
    assert seen("serial_partial", holder) == [ids(*cases)]


def test_licensed_sellers(send, dismiss, holder, shop):
    other_right = FilingFactory(organisation=holder.organisation, created_by=holder)
    cases = [dismiss(send(ListingFactory()), "D3") for _n in range(2)]
    assert seen("licensed_sellers", holder) == []
    cases.append(send())
    GenuineSeller.objects.create(filing=other_right, shop=shop)
    assert seen("licensed_sellers", holder) == [ids(*cases)]


def test_claim_splitting(send, holder, shop):
    listing = ListingFactory(shop=shop)
    rights = [FilingFactory(organisation=holder.organisation, created_by=holder) for _n in range(3)]
    cases = [send(listing, filing=rights[0]), send(listing, filing=rights[1])]
    send()
    assert seen("claim_splitting", holder) == []
    cases.append(send(listing, filing=rights[2]))
    assert seen("claim_splitting", holder) == [ids(*cases)]


def test_copy_paste_boilerplate(send, dismiss, holder):
    text = "The goods shown here infringe our rights in every respect, remove link {} at once without delay."
    shops = ShopFactory.create_batch(4, marketplace=MarketplaceFactory())
    cases = [send(ListingFactory(shop=shops[n % 4]), description=text.format(n)) for n in range(8)]
    send(description="The seams on the left sleeve are single, ours are double; see the second photograph.")
    assert seen("boilerplate", holder) == []
    for case in cases[:3]:
        dismiss(case)
    assert seen("boilerplate", holder) == [ids(*cases)]


def test_a_text_of_which_most_was_upheld_is_no_boilerplate(send, uphold, holder):
    shops = ShopFactory.create_batch(4, marketplace=MarketplaceFactory())
    for n in range(8):
        uphold(send(ListingFactory(shop=shops[n % 4])))
    assert seen("boilerplate", holder) == []


def test_texts_are_compared_whatever_their_spacing():
    one = "The seams differ from ours and the label carries no series number."
    assert alike(sketch(one), sketch(one.upper().replace(" ", "  "))) == 1
    assert alike(sketch(one), sketch("A pirated book: the ISBN belongs to another title.")) < 0.2


@pytest.mark.parametrize(
    ("day", "is_near"),
    [(datetime(2026, 6, 10, 4, tzinfo=UTC), True), (datetime(2026, 2, 10, 4, tzinfo=UTC), True),
     (datetime(2026, 8, 10, 4, tzinfo=UTC), False)],
)  # fmt: skip
def test_bursts_before_festivals(day, is_near, send, holder, stopped):
    stopped.set(day)
    cases = [send(ListingFactory()) for _n in range(10)]
    assert seen("festival_burst", holder) == ([ids(*cases)] if is_near else [])


def test_as_many_as_usual_is_no_burst(send, holder, stopped):
    for week in range(10):
        stopped.set(datetime(2026, 4, 1, 4, tzinfo=UTC).replace(day=1 + week * 2))
        for _n in range(4):
            send(ListingFactory())
    stopped.set(datetime(2026, 6, 10, 4, tzinfo=UTC))
    for _n in range(12):
        send(ListingFactory())
    assert seen("festival_burst", holder) == []


def test_works_registered_after_the_listing_appeared(send, holder, stopped):
    old, older = ListingFactory.create_batch(2, first_seen_at=datetime(2025, 1, 1, tzinfo=UTC))
    work = FilingFactory(
        organisation=holder.organisation, created_by=holder, kind=RightKind.COPYRIGHT_WORK,
        valid_from_on=date(2025, 6, 1),
    )  # fmt: skip
    first = send(old, ListingFactory(), filing=work, infringement="copied_image")
    assert seen("later_works", holder) == []
    second = send(older, filing=work, infringement="copied_image")
    assert seen("later_works", holder) == [ids(work, first, second)]


def test_squatted_trademarks(dismiss, send, holder, right):
    marks = [right] + [
        FilingFactory(organisation=holder.organisation, created_by=holder, nice_classes=[n + 1]) for n in range(7)
    ]
    cases = [dismiss(send(ListingFactory())) for _n in range(3)]
    assert seen("squatted_marks", holder) == [ids(*marks, *cases)]
    GenuineSeller.objects.create(filing=right, shop=ShopFactory())
    assert seen("squatted_marks", holder) == []


@pytest.mark.parametrize(
    "text", ["You PAY us, or we keep going until you lose.", "不 给 钱 就投诉到底，马上联系我们的客服人员。"]
)
def test_threats_however_they_are_written(text, send, holder):
    send(description="We paid for a test buy and compared the label with ours.")
    case = send(description=text)
    assert seen("threats", holder) == [ids(case)]


def test_a_merchant_that_quotes_what_it_was_threatened_with_is_no_finding(send, uphold, shop, holder):
    victim = merchant_of(shop)
    case = uphold(send())
    conversations.write(complaint=case, party=victim.organisation, by=victim, text=f"They wrote to us: {THREAT}")
    assert seen("threats", victim) == []
    conversations.write(complaint=case, party=holder.organisation, by=holder, text=THREAT)
    assert seen("threats", holder) == [ids(case)]


def test_shared_accounts(send, holder, client):
    from accounts import traces

    twin, colleague, stranger = member(), member(holder.organisation), member()
    other_case = complaint(by=twin)
    complaint(by=stranger)
    mine = send()
    for person, network in (
        (holder, "203.0.113"),
        (colleague, "203.0.113"),
        (twin, "203.0.113"),
        (stranger, "198.51.100"),
    ):
        for n in range(3):
            traces.remember(user=person, address=f"{network}.{n + 1}", browser="Browser/1")
    assert seen("shared_accounts", holder) == [ids(other_case, mine)]
    assert seen("shared_accounts", stranger) == []


# --- looking -----------------------------------------------------------------------------------------------


def test_what_is_found_is_written_once_and_does_nothing(send, holder, work_off, stopped):
    case = send(description="Pay us or we close your shop, that is all we have to say.")
    work_off()
    assert looking.look_at_due() == 0
    stopped.advance(minutes=5)
    assert looking.look_at_due() == 1
    made = AbuseFinding.objects.get()
    assert (made.pattern, made.state, made.cases.get().case) == ("threats", "open", case.public_id)
    assert LedgerEntry.objects.get(kind="abuse.found").payload["cases"] == [case.public_id]
    stopped.advance(days=1)
    assert looking.look_at_due() == 1
    assert AbuseFinding.objects.count() == LedgerEntry.objects.filter(kind="abuse.found").count() == 1
    assert not Suspension.objects.exists()
    assert not ConductMonth.objects.exists()
    assert send().lane == "normal"


def test_further_cases_join_while_nobody_has_decided(send, holder, reviewer, stopped):
    first = send(description="Pay us or we close your shop, that is all we have to say.")
    looking.look_for_patterns(holder.organisation, clock.now())
    second = send(description="Pay us or we close your shop, that is all we have to say.")
    assert looking.look_for_patterns(holder.organisation, clock.now()) == []
    made = AbuseFinding.objects.get()
    assert {c.case for c in made.cases.all()} == ids(first, second)
    findings.dismiss(finding=made, by=reviewer, reason="A quotation.")
    send(description="Pay us or we close your shop, that is all we have to say.")
    looking.look_for_patterns(holder.organisation, clock.now())
    assert made.cases.count() == 2


def test_who_goes_on_after_a_confirmed_finding_is_found_again(send, holder, reviewer, stopped):
    words = "Pay us or we close your shop, that is all we have to say."
    send(description=words)
    (made,) = looking.look_for_patterns(holder.organisation, clock.now())
    findings.confirm(finding=made, by=reviewer, reason="They wrote it.")
    assert looking.look_for_patterns(holder.organisation, clock.now()) == []
    stopped.advance(hours=1)
    second, third = send(description=words), send(description=words)
    (again,) = looking.look_for_patterns(holder.organisation, clock.now())
    assert (again.pattern, again.state, again.found_at) == ("threats", "open", clock.now())
    assert {c.case for c in again.cases.all()} == ids(second, third)
    assert looking.look_for_patterns(holder.organisation, clock.now()) == []
    assert made.cases.count() == 1


def test_old_cases_are_not_found_again_when_the_quarter_turns(send, holder, reviewer, stopped):
    stopped.set(datetime(2026, 3, 20, 4, tzinfo=UTC))
    send(description=THREAT)
    looking.look_for_patterns(holder.organisation, clock.now())
    findings.confirm(finding=AbuseFinding.objects.get(), by=reviewer, reason="They ask for money.")
    stopped.set(datetime(2026, 4, 2, 4, tzinfo=UTC))
    assert looking.look_for_patterns(holder.organisation, clock.now()) == []


def test_nobody_is_suspended_for_what_was_done_before_the_warning(send, holder, stopped):
    senior, other = staff(StaffRole.SENIOR_REVIEWER), staff(StaffRole.SENIOR_REVIEWER)
    send(description=THREAT)
    looking.look_for_patterns(holder.organisation, clock.now())
    first = findings.confirm(finding=AbuseFinding.objects.get(), by=senior, reason="They ask for money.")
    old = send()
    warned = suspension.warn(organisation=holder.organisation, by=senior, findings=[first], facts="Threats.")
    stopped.advance(days=1)
    late = AbuseFinding.objects.create(organisation=holder.organisation, pattern="serial_partial", key="late")
    AbuseCase.objects.create(finding=late, case=old.public_id)
    findings.confirm(finding=late, by=senior, reason="Found late.")
    with pytest.raises(WrongState, match="since the warning"):
        suspension.suspend(suspension=warned, by=other, findings=[late], facts="Old.")
    send(description=THREAT)
    (more,) = looking.look_for_patterns(holder.organisation, clock.now())
    findings.confirm(finding=more, by=senior, reason="They went on.")
    with pytest.raises(Invalid):
        suspension.suspend(suspension=warned, by=other, findings=[late, more], facts="Old and new.")
    assert suspension.suspend(suspension=warned, by=other, findings=[more], facts="New.").state == "suspended"


def test_one_look_that_fails_stops_no_other(send, holder, work_off, stopped, monkeypatch):
    send(description="Pay us or we close your shop, that is all we have to say.")
    complaint()
    work_off()
    stopped.advance(minutes=5)
    look = looking.look_for_patterns

    def fails(organisation, at):
        if organisation == holder.organisation:
            raise RuntimeError("no")
        return look(organisation, at)

    monkeypatch.setattr(looking, "look_for_patterns", fails)
    assert looking.look_at_due() == 1
    monkeypatch.undo()
    stopped.advance(minutes=5)
    assert looking.look_at_due() == 1
    assert AbuseFinding.objects.count() == 1


def test_who_is_quiet_for_a_year_is_not_looked_at_any_more(send, holder, work_off, stopped):
    send()
    work_off()
    stopped.advance(days=366)
    assert looking.look_at_due() == 1
    assert Look.objects.get().due_at is None
    assert Complaint.objects.count() == 1


def test_looking_takes_a_bounded_number_of_queries(send, holder, django_assert_max_num_queries):
    for _n in range(12):
        send()
    with django_assert_max_num_queries(45):
        looking.look_for_patterns(holder.organisation, clock.now())
