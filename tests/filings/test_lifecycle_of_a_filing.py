"""Every step of a filing, every step that the table forbids, and what the calendar does."""

from datetime import date

import pytest

from accounts.models import Membership
from core.errors import DomainError, Forbidden, Invalid, WrongState
from core.models import LedgerEntry, Letter, OutboxMessage
from filings import services
from filings.errors import OwnFiling, StaleForm
from filings.lifecycle import GRACE_MONTHS, LIFECYCLE, in_force_during_renewal
from filings.models import Filing, RightKind
from filings.tasks import pass_deadlines
from ippro import wiring
from tests.factories import FilingFactory, member, staff
from tests.filings.build import a_picture, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]
State = Filing.State
LATER = date(2036, 1, 1)


def renewed(filing, by, until=LATER, **said):
    return services.renew(filing=filing, by=by, valid_until_on=until, certificates=[a_picture()], **said)


def holder_of(filing):
    return filing.created_by


def letters(template):
    return Letter.objects.filter(template=template)


# --- review ----------------------------------------------------------------------------------------


def test_an_approved_filing_is_in_force_and_its_holders_are_told():
    filing = submitted(by=member(language="zh-hans"))
    colleague, reader = member(filing.organisation, role="manager"), member(filing.organisation, role="reader")
    filing = services.approve(filing=filing, by=staff(), version=filing.version)
    assert filing.state == State.APPROVED
    assert Filing.objects.in_force().get() == filing
    told = set(letters("filing_approved").values_list("user__email", flat=True))
    assert told == {holder_of(filing).email, colleague.email}
    assert reader.email not in told
    assert LedgerEntry.objects.filter(kind="filing.approve", subject=filing.public_id).count() == 1


@pytest.mark.parametrize(
    ("act", "words", "state", "template"),
    [
        ("return_for_supplement", "missing", State.RETURNED, "filing_returned"),
        ("reject", "reason", State.REJECTED, "filing_rejected"),
    ],
)
def test_a_reviewer_says_why(act, words, state, template):
    filing, reviewer = submitted(), staff()
    with pytest.raises(Invalid):
        getattr(services, act)(filing=filing, by=reviewer, **{words: "  "})
    filing = getattr(services, act)(filing=filing, by=reviewer, **{words: "Page two of the certificate is cut off."})
    assert filing.state == state
    assert "Page two" in letters(template).get().body
    entry = LedgerEntry.objects.filter(subject=filing.public_id).last()
    assert "Page two" not in str(entry.payload)


def test_a_revoked_filing_is_out_of_force_and_says_so_to_the_house(monkeypatch):
    told = []
    monkeypatch.setattr(services, "publish", lambda event, subject: told.append(event))
    filing = FilingFactory()
    services.revoke(filing=filing, by=staff(), reason="The register says cancelled.")
    assert told == ["filing.ended"]
    assert not Filing.objects.in_force().exists()
    assert letters("filing_revoked").count() == 1
    assert {"filing.approved", "filing.ended"} <= set(wiring.CONSUMERS)


def test_nobody_reviews_the_filing_of_their_own_organisation():
    filing, reviewer = submitted(), staff()
    Membership.objects.create(user=reviewer, organisation=filing.organisation, role="reader")
    with pytest.raises(OwnFiling):
        services.approve(filing=filing, by=reviewer)
    with pytest.raises(OwnFiling):
        services.reject(filing=filing, by=reviewer, reason="x")


def test_a_reviewer_decides_on_what_they_saw():
    by, reviewer = member(), staff()
    filing = submitted(by=by)
    seen = filing.version
    services.return_for_supplement(filing=filing, by=reviewer, missing="The seal page.")
    services.submit_filing(filing=filing, by=by)
    with pytest.raises(StaleForm):
        services.approve(filing=filing, by=staff(), version=seen)


def test_of_two_reviewers_one_decides():
    filing = submitted()
    services.approve(filing=filing, by=staff())
    for act in (
        lambda: services.approve(filing=filing, by=staff()),
        lambda: services.reject(filing=filing, by=staff(), reason="x"),
        lambda: services.return_for_supplement(filing=filing, by=staff(), missing="x"),
    ):
        with pytest.raises(WrongState):
            act()
    assert letters("filing_approved").count() == 1


# --- what the table forbids ------------------------------------------------------------------------

ACTS = {
    "submit": lambda f, who: services.submit_filing(filing=f, by=who),
    "approve": lambda f, who: services.approve(filing=f, by=who),
    "return": lambda f, who: services.return_for_supplement(filing=f, by=who, missing="x"),
    "reject": lambda f, who: services.reject(filing=f, by=who, reason="x"),
    "decline_renewal": lambda f, who: services.decline_renewal(filing=f, by=who, reason="x"),
    "revoke": lambda f, who: services.revoke(filing=f, by=who, reason="x"),
    "renew": lambda f, who: renewed(f, who),
    "drop_renewal": lambda f, who: services.drop_renewal(filing=f, by=who),
    "withdraw": lambda f, who: services.withdraw(filing=f, by=who),
    "reopen": lambda f, who: services.reopen(filing=f, by=who, appeal="apl_1"),
}
BY_STAFF = {"approve", "return", "reject", "decline_renewal", "revoke", "reopen"}
FORBIDDEN = [(name, state) for name in ACTS for state in State.values if state not in LIFECYCLE[name].source]


def test_every_step_of_a_person_is_tried():
    by_the_clock = {"lapse", "lapse_renewal", "expiring", "expire", "certify", "end_certificate"}
    by_people = {t.name for t in LIFECYCLE.transitions} - by_the_clock
    assert set(ACTS) == by_people


@pytest.mark.parametrize(("name", "state"), FORBIDDEN)
def test_a_step_that_the_table_does_not_have_changes_nothing(name, state):
    filing = FilingFactory(state=state)
    before = LedgerEntry.objects.count()
    with pytest.raises(DomainError) as refused:
        ACTS[name](filing, staff() if name in BY_STAFF else holder_of(filing))
    assert refused.value.status == 409
    filing.refresh_from_db()
    assert filing.state == state
    assert LedgerEntry.objects.count() == before
    assert not Letter.objects.exists()


@pytest.mark.parametrize(("name", "state"), [(n, s) for n in ACTS for s in sorted(LIFECYCLE[n].source)])
def test_nobody_does_the_step_of_another_role(name, state):
    filing = FilingFactory(state=state)
    wrong = [member(), staff("auditor"), member(filing.organisation, role="reader")]
    wrong += [holder_of(filing)] if name in BY_STAFF else [staff("senior_reviewer")]
    for person in wrong:
        with pytest.raises(Forbidden):
            ACTS[name](filing, person)
    filing.refresh_from_db()
    assert filing.state == state


@pytest.mark.parametrize("name", ["lapse", "lapse_renewal", "expiring", "expire"])
def test_only_the_clock_moves_the_calendar(name):
    filing = FilingFactory(state=next(iter(LIFECYCLE[name].source)))
    for person in (holder_of(filing), staff("administrator")):
        with pytest.raises(Forbidden):
            LIFECYCLE.check(filing, name, person)


def test_a_first_filing_and_a_renewal_do_not_take_each_others_steps():
    first = submitted()
    with pytest.raises(WrongState):
        services.decline_renewal(filing=first, by=staff(), reason="x")
    with pytest.raises(WrongState):
        services.drop_renewal(filing=first, by=holder_of(first))
    with pytest.raises(WrongState):
        services.revoke(filing=first, by=staff(), reason="x")
    filing = FilingFactory()
    renewal = renewed(filing, holder_of(filing))
    with pytest.raises(WrongState):
        services.reject(filing=renewal, by=staff(), reason="x")
    with pytest.raises(WrongState):
        services.withdraw(filing=renewal, by=holder_of(filing))


# --- the calendar ----------------------------------------------------------------------------------


def test_reminders_go_out_90_30_and_7_days_before_each_exactly_once(stopped):
    filing = submitted(valid_until_on=date(2026, 9, 1))
    services.approve(filing=filing, by=staff())
    left = []
    for _day in range(190):
        pass_deadlines()
        assert pass_deadlines() == 0
        sent = letters("filing_expiring").count()
        if sent > len(left):
            filing.refresh_from_db()
            left.append(filing.reminded_days)
        stopped.advance(days=1)
    assert left == [90, 30, 7]
    assert [e.payload["days"] for e in LedgerEntry.objects.filter(kind="filing.reminded")] == [90, 30, 7]
    subjects = [letter.subject for letter in letters("filing_expiring").order_by("pk")]
    assert subjects == [f"SUNBIRD ends in {n} days" for n in (90, 30, 7)]
    assert letters("filing_expired").count() == 1


def test_a_filing_that_cannot_be_moved_stops_no_other(stopped, monkeypatch, caplog):
    bad, good = (submitted(valid_until_on=date(2026, 3, day)) for day in (4, 5))
    for filing in (bad, good):
        services.approve(filing=filing, by=staff())
    told = services.letters.expired
    monkeypatch.setattr(services.letters, "expired", lambda filing: 1 / 0 if filing.pk == bad.pk else told(filing))
    stopped.advance(days=10)
    assert pass_deadlines() == 1
    assert bad.number in caplog.text
    assert {f.pk: f.state for f in Filing.objects.all()} == {bad.pk: State.EXPIRING, good.pk: State.EXPIRED}


def test_a_filing_is_in_force_through_its_last_day_and_not_a_day_longer(stopped):
    filing = submitted(valid_until_on=date(2026, 3, 4))
    services.approve(filing=filing, by=staff())
    filing.refresh_from_db()
    assert (filing.state, filing.reminded_days) == (State.EXPIRING, 7)
    stopped.advance(days=1)
    pass_deadlines()
    assert Filing.objects.in_force().exists()
    stopped.advance(days=1)
    assert not Filing.objects.in_force().exists()
    assert pass_deadlines() == 1
    filing.refresh_from_db()
    assert filing.state == State.EXPIRED


def test_a_server_that_slept_sends_no_arrears_of_reminders(stopped):
    filing = submitted(valid_until_on=date(2026, 12, 1))
    services.approve(filing=filing, by=staff())
    stopped.advance(days=400)
    assert pass_deadlines() == 1
    filing.refresh_from_db()
    assert filing.state == State.EXPIRED
    assert not letters("filing_expiring").exists()
    assert letters("filing_expired").count() == 1


def test_a_right_without_end_stays():
    filing = submitted(RightKind.GEOGRAPHICAL_INDICATION, valid_until_on=None)
    assert services.approve(filing=filing, by=staff()).deadline_at is None
    assert pass_deadlines() == 0


def test_what_was_not_supplemented_goes_back_to_the_drafts(stopped):
    filing = submitted()
    services.return_for_supplement(filing=filing, by=staff(), missing="The seal page.")
    stopped.advance(days=29)
    assert pass_deadlines() == 0
    stopped.advance(days=2)
    assert pass_deadlines() == 1
    filing.refresh_from_db()
    assert filing.state == State.DRAFT
    assert services.submit_filing(filing=filing, by=holder_of(filing)).state == State.SUBMITTED


def test_what_ended_while_it_waited_is_not_approved(stopped):
    filing = submitted(valid_until_on=date(2026, 3, 5))
    stopped.advance(days=5)
    with pytest.raises(WrongState, match="ended in the meantime"):
        services.approve(filing=filing, by=staff())


# --- renewal ---------------------------------------------------------------------------------------


def test_a_right_stays_in_force_while_its_renewal_is_reviewed(stopped):
    filing = FilingFactory(valid_until_on=date(2026, 3, 20))
    renewal = renewed(filing, holder_of(filing))
    assert renewal.state == State.SUBMITTED
    assert renewal.valid_until_on == date(2026, 3, 20)
    assert renewal.is_in_force()
    assert Filing.objects.in_force().get() == filing
    done = services.approve(filing=renewal, by=staff())
    assert (done.state, done.valid_until_on, done.renewed_until_on) == (State.APPROVED, LATER, None)


def test_a_trademark_has_six_months_of_grace_and_a_publishing_right_none(stopped):
    mark = FilingFactory(valid_until_on=date(2026, 8, 31))
    assert in_force_during_renewal(mark) == date(2027, 2, 28)
    book = FilingFactory(kind=RightKind.PUBLISHING, valid_until_on=date(2026, 8, 31))
    assert in_force_during_renewal(book) == date(2026, 8, 31)
    assert set(GRACE_MONTHS) == {RightKind.TRADEMARK}


def test_force_ends_on_its_day_although_the_renewal_waits(stopped):
    book = FilingFactory(
        kind=RightKind.PUBLISHING, registration_number="9787111128069", number_key="isbn:9787111128069",
        valid_until_on=date(2026, 3, 5),
    )  # fmt: skip
    renewed(book, holder_of(book))
    stopped.advance(days=3)
    assert not Filing.objects.in_force().exists()
    assert pass_deadlines() == 1
    assert pass_deadlines() == 0
    assert letters("filing_expired").count() == 1
    assert OutboxMessage.objects.filter(event="filing.ended").count() == len(wiring.CONSUMERS["filing.ended"])
    book.refresh_from_db()
    assert services.approve(filing=book, by=staff()).is_in_force()


@pytest.mark.parametrize("end", ["decline", "drop", "lapse"])
def test_a_renewal_that_comes_to_nothing_leaves_the_right_as_it_was(stopped, end):
    filing = FilingFactory(valid_until_on=date(2026, 8, 31))
    renewal = renewed(filing, holder_of(filing))
    if end == "decline":
        services.decline_renewal(filing=renewal, by=staff(), reason="Not the certificate of this mark.")
        assert letters("filing_rejected").get().subject.startswith("The renewal of filing")
    elif end == "drop":
        services.drop_renewal(filing=renewal, by=holder_of(filing))
    else:
        services.return_for_supplement(filing=renewal, by=staff(), missing="The seal page.")
        stopped.advance(days=31)
        pass_deadlines()
    filing.refresh_from_db()
    assert (filing.state, filing.valid_until_on) == (State.APPROVED, date(2026, 8, 31))
    assert filing.is_in_force()
    assert (filing.renewed_until_on, filing.in_force_until_on) == (None, None)


def test_a_renewal_declined_after_the_old_validity_ended_expires_the_right(stopped):
    filing = FilingFactory(valid_until_on=date(2026, 3, 5), state=State.EXPIRING)
    renewal = renewed(filing, holder_of(filing))
    stopped.advance(days=10)
    assert Filing.objects.in_force().exists()
    filing = services.decline_renewal(filing=renewal, by=staff(), reason="Another mark.")
    assert filing.state == State.EXPIRED
    assert not Filing.objects.in_force().exists()


def test_an_expired_right_gets_no_force_from_handing_in_its_renewal():
    filing = FilingFactory(valid_until_on=date(2026, 1, 5), state=State.EXPIRED)
    renewal = renewed(filing, holder_of(filing))
    assert not renewal.is_in_force()
    assert not Filing.objects.in_force().exists()
    assert services.approve(filing=renewal, by=staff()).is_in_force()


def test_a_returned_renewal_is_supplemented_without_a_second_grace():
    filing = FilingFactory(valid_until_on=date(2026, 8, 31))
    renewal = renewed(filing, holder_of(filing))
    services.return_for_supplement(filing=renewal, by=staff(), missing="The right date.")
    again = services.renew(filing=filing, by=holder_of(filing), valid_until_on=date(2036, 8, 31), certificates=[])
    assert (again.state, again.renewed_until_on) == (State.SUBMITTED, date(2036, 8, 31))
    assert again.in_force_until_on == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("fields", "until", "papers", "field"),
    [
        ({}, None, 1, "valid_until_on"),
        ({}, date(2030, 1, 1), 1, "valid_until_on"),
        ({}, LATER, 0, "certificate"),
        ({"kind": "patent_utility", "registration_number": "ZL202129000203.3"}, date(2034, 1, 1), 1, "valid_until_on"),
    ],
)
def test_a_renewal_that_cannot_be_right_is_not_taken(fields, until, papers, field):
    filing = FilingFactory(**fields)
    with pytest.raises(Invalid) as told:
        services.renew(
            filing=filing, by=holder_of(filing), valid_until_on=until, certificates=[a_picture() for _ in range(papers)]
        )
    assert list(told.value.errors) == [field]


def test_a_copyright_cannot_be_renewed():
    filing = FilingFactory(kind=RightKind.COPYRIGHT_WORK)
    with pytest.raises(WrongState, match="set by law"):
        renewed(filing, holder_of(filing))


def test_after_a_renewal_reminders_begin_anew(stopped):
    filing = FilingFactory(valid_until_on=date(2026, 3, 8), state=State.EXPIRING, deadline_at="2026-03-09T00:00Z")
    pass_deadlines()
    renewal = renewed(filing, holder_of(filing), until=date(2026, 9, 8))
    services.approve(filing=renewal, by=staff())
    stopped.set(stopped.advance(days=100))
    pass_deadlines()
    assert letters("filing_expiring").count() == 2


def test_a_certificate_puts_its_right_on_file_and_ends_it():
    by = member()
    filing = services.file_certificate(organisation=by.organisation, by=by, number="FP-2026-000001", title="Red shoe")
    assert filing.is_in_force()
    with pytest.raises(WrongState):
        services.revoke(filing=filing, by=staff(), reason="The certificate itself is what can be revoked.")
    services.end_certificate(filing=filing)
    assert not Filing.objects.in_force().filter(pk=filing.pk).exists()


def test_nobody_files_a_certificate_by_hand():
    with pytest.raises(Invalid):
        services.create_draft(kind=RightKind.FIRST_PUBLICATION, by=member())
