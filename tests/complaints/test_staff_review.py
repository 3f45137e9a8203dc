"""The review shows right and target side by side, and what bears on them; at the door a notice is accepted,
returned or rejected; notes and names stay among staff."""

import re

import pytest
from django.test import Client

from accounts.roles import StaffRole
from complaints.models import Complaint, StaffNote
from complaints.services import Found, accept, assign, decide, withdraw
from core.files import keep
from core.models import FilePurpose, LedgerEntry
from filings.models import GenuineSeller
from marketplace.models import Target
from marketplace.services import HoldCause, place_holds
from tests.complaints.desk import QUEUE, accepted, at, choices, listings, since, text_of
from tests.complaints.test_wizard import png
from tests.factories import FilingFactory, ListingFactory, complaint, member, merchant_of, staff

pytestmark = pytest.mark.django_db

UNSEEN = ["before\x00after", "evil ‮ txt", "bell \x07"]
STEPS = {
    "accept": lambda case: {},
    "return": lambda case: {"return-words": "Name the label."},
    "reject": lambda case: {"reject-reason": "This is no trade mark use."},
    "preview": choices,
    "decide": choices,
    "assign": lambda case: {"to": "me"},
    "note": lambda case: {"note-text": "Looks like last week's case."},
    "signature": lambda case: {},
    "retry": lambda case: {"target": case.targets.first().public_id},
}


def post(client: Client, case, step, **data):
    return client.post(at(case, step), {**since(case), **STEPS[step](case), **data})


def as_it_was(case):
    before = (case.state, case.assigned_to_id, case.supplement_request)
    case.refresh_from_db()
    return before == (case.state, case.assigned_to_id, case.supplement_request) and not case.decisions.exists()


# --- what lies on the desk -------------------------------------------------------------------------------


def test_right_and_target_stand_side_by_side(sign_in):
    listing = ListingFactory(
        title="Blue jumper", images=["https://img.example/1.jpg", "javascript:alert(1)"], description="Warm <b>wool</b>"
    )
    case = complaint(listing, test_buy_order="TB-4711")
    page = text_of(sign_in(staff()).get(at(case)))
    row, filing = case.targets.get(), case.filing
    for said in (
        filing.title, filing.registration_number, filing.owner_name, "Blue jumper", "19.90 CNY", listing.shop.title,
        row.snapshot_hash, "Picture not captured yet", case.description, "TB-4711", listing.external_id,
    ):  # fmt: skip
        assert said in page
    assert "javascript:" not in page
    assert b"<b>wool" not in sign_in(staff()).get(at(case)).content


def test_what_changed_since_it_was_captured_is_said(sign_in):
    listing = ListingFactory(title="Blue jumper")
    case = complaint(listing)
    Target.objects.filter(pk=listing.pk).update(title="Plain blue jumper", price="9.90", observed="down")
    page = text_of(sign_in(staff()).get(at(case)))
    assert "Changed since it was captured" in page
    for said in ("Plain blue jumper", "9.90 CNY", "19.90 CNY"):
        assert said in page


def test_warnings_and_history_stand_beside_the_target(sign_in):
    listing = ListingFactory()
    other = ListingFactory(shop=listing.shop)
    by, reviewer = member(), staff()
    for upheld, target in ((True, other), (False, ListingFactory())):
        notice = complaint(target) if upheld else complaint(target, by=by)
        earlier = accept(complaint=notice, by=reviewer)
        found = Found(earlier.targets.get(), upheld, "U1" if upheld else "D1", "As the pictures show.")
        decide(complaint=earlier, by=reviewer, findings=[found])
    case = complaint(listing, by=by)
    elsewhere = complaint(listing)
    GenuineSeller.objects.create(filing=case.filing, shop=listing.shop)
    page = text_of(sign_in(reviewer).get(at(case)))
    assert "A genuine seller of this right." in page
    assert "1 link upheld before" in page
    assert elsewhere.number in page
    assert "0 %" in page
    assert earlier.number in page


def test_a_right_that_is_not_in_force_is_marked(sign_in):
    case = complaint()
    case.filing.state = "revoked"
    case.filing.save()
    assert "not in force today" in text_of(sign_in(staff()).get(at(case)))


def test_a_target_that_another_case_holds_says_so(sign_in):
    listing = ListingFactory()
    case = complaint(listing)
    place_holds(targets=[listing.shop], cause=HoldCause("pat_1", "patrol"))
    page = text_of(sign_in(staff()).get(at(case)))
    assert "pat_1" in page
    assert "whole shop" in page


@pytest.mark.parametrize("n", [2, 30])
def test_the_review_needs_the_same_number_of_queries_however_many_links(sign_in, n, django_assert_max_num_queries):
    case = accepted(*listings(n), by=(reviewer := staff()))
    client = sign_in(reviewer)
    client.get(at(case))
    with django_assert_max_num_queries(50):
        assert client.get(at(case)).status_code == 200


def test_who_signed_is_masked_and_a_look_is_kept_in_the_ledger(sign_in):
    case = complaint()
    client = sign_in(staff(name="Ada Reviewer"))
    assert "Person One" not in text_of(client.get(at(case)))
    assert not LedgerEntry.objects.filter(kind="complaint.signature_read").exists()
    assert "Person One" in text_of(post(client, case, "signature"))
    assert LedgerEntry.objects.get(kind="complaint.signature_read").subject == case.public_id
    again = text_of(client.get(at(case)))
    assert "Person One" not in again
    assert "Signature looked at" in again
    assert post(sign_in(staff(StaffRole.AUDITOR)), case, "signature").status_code == 403


def test_evidence_is_opened_by_links_of_this_reviewer_alone(sign_in):
    case = complaint()
    file = keep(upload=png(), purpose=FilePurpose.EVIDENCE, by=case.filed_by, organisation=case.organisation)
    case.evidence.create(file=file, added_by=case.filed_by)
    client = sign_in(staff())
    links = set(re.findall(r'href="(/files/[^"]+)"', text_of(client.get(at(case)))))
    assert len(links) == 2, "the file and its picture"
    for link in links:
        assert client.get(link).status_code == 200
        assert sign_in(member()).get(link).status_code == 404


# --- at the door ----------------------------------------------------------------------------------------------


def test_a_complete_notice_is_accepted_and_is_then_the_reviewers(sign_in):
    case, reviewer = complaint(), staff()
    client = sign_in(reviewer)
    assert "Accept for decision" in text_of(client.get(at(case)))
    assert post(client, case, "accept")["Location"] == at(case)
    case.refresh_from_db()
    assert (case.state, case.assigned_to) == ("accepted", reviewer)
    assert "Accept for decision" not in text_of(client.get(at(case)))


def test_a_notice_is_returned_with_ready_made_sentences_in_the_complainants_language_and_own_words(sign_in):
    case = complaint(language="en")
    client = sign_in(staff(language="zh-hans"))
    answer = post(client, case, "return", **{"return-elements": ["description", "links"]})
    assert answer["Location"] == QUEUE
    case.refresh_from_db()
    assert case.state == "returned"
    lines = case.supplement_request.split("\n")
    assert lines[-1] == "Name the label."
    assert len(lines) == 3
    assert "where the infringement is seen" in case.supplement_request


def test_a_return_must_say_what_is_missing(sign_in):
    case = complaint()
    answer = post(sign_in(staff()), case, "return", **{"return-words": "  "})
    assert answer.status_code == 422
    assert "Choose or write what is missing" in text_of(answer)
    assert as_it_was(case)


def test_a_notice_is_rejected_with_a_reason_and_not_without(sign_in):
    case = complaint()
    client = sign_in(staff())
    assert post(client, case, "reject", **{"reject-reason": ""}).status_code == 422
    assert as_it_was(case)
    assert post(client, case, "reject")["Location"] == QUEUE
    case.refresh_from_db()
    assert (case.state, case.supplement_request) == ("rejected", "This is no trade mark use.")


def test_an_accepted_notice_can_still_be_returned_but_not_rejected(sign_in):
    reviewer = staff()
    case = accepted(by=reviewer)
    client = sign_in(reviewer)
    assert post(client, case, "reject").status_code == 409
    assert post(client, case, "return").status_code == 302


@pytest.mark.parametrize("step", ["accept", "return", "reject"])
def test_a_second_click_changes_nothing_and_says_where_the_case_stands(sign_in, step):
    case = complaint()
    client = sign_in(staff(name="Ada Reviewer"))
    form = {**since(case), **STEPS[step](case)}
    assert client.post(at(case, step), form).status_code == 302
    entries = LedgerEntry.objects.filter(subject=case.public_id).count()
    answer = client.post(at(case, step), form)
    assert answer.status_code == 409
    page = text_of(answer)
    assert "Nothing was changed" in page
    assert case.number in page
    assert "Ada Reviewer" in page
    assert LedgerEntry.objects.filter(subject=case.public_id).count() == entries


def test_a_form_without_the_moment_it_was_made_is_stale(sign_in):
    case = complaint()
    for stale in ({}, {"since": ""}, {"since": "2020-01-01T00:00:00+00:00"}, {"since": "\x00"}):
        assert sign_in(staff()).post(at(case, "accept"), stale).status_code == 409
    assert as_it_was(case)


# --- who may ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["accept", "return", "reject", "assign", "note", "signature", "retry"])
@pytest.mark.parametrize("role", [StaffRole.AUDITOR])
def test_an_auditor_reads_and_does_nothing(sign_in, step, role):
    case = complaint()
    client = sign_in(staff(role))
    page = text_of(client.get(at(case)))
    assert case.number in page
    assert "Your role looks at cases" in page
    for step_of_others in ("accept", "return", "reject", "assign", "note", "decide"):
        assert at(case, step_of_others) not in page
    assert post(client, case, step).status_code == 403
    assert as_it_was(case)
    assert not StaffNote.objects.exists()


@pytest.mark.parametrize("role", [StaffRole.REVIEWER, StaffRole.SENIOR_REVIEWER, StaffRole.ADMINISTRATOR])
def test_reviewers_seniors_and_administrators_decide(sign_in, role):
    case = complaint()
    client = sign_in(staff(role))
    assert post(client, case, "accept").status_code == 302
    assert post(client, case, "decide").status_code == 302


@pytest.mark.parametrize("step", list(STEPS))
def test_who_does_not_work_here_gets_nothing(sign_in, client, step):
    holder = member()
    case = accepted(by=staff())
    without_role = staff()
    without_role.groups.clear()
    for stranger, status in ((client, 302), (sign_in(holder), 302), (sign_in(without_role), 403)):
        assert stranger.get(at(case)).status_code == status
        assert post(stranger, case, step).status_code == status
    assert as_it_was(case)


@pytest.mark.parametrize("step", list(STEPS))
def test_steps_are_only_posted_and_unknown_cases_are_not_found(sign_in, step):
    case = complaint()
    client = sign_in(staff())
    assert client.get(at(case, step)).status_code == 405
    assert client.post(at(case, step).replace(case.public_id, "cmp_" + "0" * 26), since(case)).status_code == 404
    assert client.get(f"{QUEUE}cmp_{'0' * 26}/review/").status_code == 404


@pytest.mark.parametrize("step", ["accept", "return", "reject", "assign"])
def test_what_a_colleague_works_on_is_only_read(sign_in, step):
    colleague = staff(name="Grace Colleague")
    case = complaint()
    assign(complaint=case, by=colleague, to=colleague)
    client = sign_in(staff())
    page = text_of(client.get(at(case)))
    assert "Grace Colleague works on this case" in page
    assert "Take over" not in page
    assert post(client, case, step).status_code == 409
    assert as_it_was(case)


def test_a_senior_takes_over_and_only_then_acts(sign_in):
    case = accepted(by=staff())
    senior = staff(StaffRole.SENIOR_REVIEWER)
    client = sign_in(senior)
    assert "Take over" in text_of(client.get(at(case)))
    assert post(client, case, "decide").status_code == 409
    assert post(client, case, "assign").status_code == 302
    assert post(client, case, "decide").status_code == 302


def test_a_case_is_given_back_and_taken_once(sign_in):
    case, reviewer = complaint(), staff()
    client = sign_in(reviewer)
    for _ in range(2):
        assert post(client, case, "assign")["Location"] == at(case)
    assert LedgerEntry.objects.filter(kind="complaint.assigned").count() == 1
    for _ in range(2):
        assert post(client, case, "assign", to="nobody")["Location"] == QUEUE
    case.refresh_from_db()
    assert case.assigned_to is None
    assert LedgerEntry.objects.filter(kind="complaint.assigned").count() == 2


@pytest.mark.parametrize("step", ["accept", "return", "reject", "assign"])
def test_nobody_works_on_a_case_of_their_own(sign_in, step):
    holder, listing = member(), ListingFactory()
    case = complaint(listing, by=holder)
    merchant = merchant_of(listing.shop)
    for organisation in (holder.organisation, merchant.organisation):
        reviewer = staff()
        reviewer.memberships.create(organisation=organisation, role="reader")
        client = sign_in(reviewer)
        assert "You belong to a party of this case" in text_of(client.get(at(case)))
        assert post(client, case, step).status_code == 403
    assert as_it_was(case)


# --- notes ----------------------------------------------------------------------------------------------------------


def test_a_note_is_kept_once_and_never_shown_to_a_party(sign_in):
    listing = ListingFactory()
    holder = member()
    case = complaint(listing, by=holder)
    reviewer = staff(name="Ada Reviewer")
    client = sign_in(reviewer)
    words = "Seller is known to us, ask Ada."
    for _ in range(2):
        assert post(client, case, "note", **{"note-text": words}).status_code == 302
    assert StaffNote.objects.get().text == words
    page = text_of(client.get(at(case)))
    assert words in page
    post(client, case, "accept")
    post(client, case, "decide")
    statement = case.decisions.get().statements.get()
    merchant = merchant_of(listing.shop)
    for person, address in (
        (holder, f"/complaints/{case.public_id}/"),
        (holder, f"/api/v1/complaints/{case.public_id}"),
        (merchant, f"/notices/{statement.public_id}/"),
    ):
        answer = sign_in(person).get(address)
        assert answer.status_code == 200, address
        assert words not in answer.content.decode()
    assert words not in str(list(LedgerEntry.objects.values_list("payload", flat=True)))


def test_notes_of_the_parties_side_show_no_name(sign_in):
    by = member(name="Personal Name")
    case = complaint(by=by)
    withdraw(complaint=case, by=by, reason="Settled between us.")
    page = text_of(sign_in(staff()).get(at(case)))
    assert "Settled between us." in page
    assert "Personal Name" not in page


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [*UNSEEN, "x" * 4001])
@pytest.mark.parametrize(
    ("step", "name"), [("return", "return-words"), ("reject", "reject-reason"), ("note", "note-text")]
)
def test_bad_text_is_refused_beside_its_field(sign_in, step, name, words):
    case = complaint()
    answer = post(sign_in(staff()), case, step, **{name: words})
    assert answer.status_code == 422
    assert "rv-error" in text_of(answer)
    assert as_it_was(case)
    assert not StaffNote.objects.exists()


def test_a_script_in_a_text_stays_text(sign_in):
    case = complaint()
    client = sign_in(staff())
    post(client, case, "note", **{"note-text": "<script>alert(1)</script> 😀"})
    page = client.get(at(case)).content.decode()
    assert "<script>alert(1)" not in page
    assert "😀" in page


def test_ten_megabytes_in_a_field_are_refused(sign_in):
    case = complaint()
    answer = post(sign_in(staff()), case, "note", **{"note-text": "x" * 10_000_000})
    assert 400 <= answer.status_code < 500
    assert not StaffNote.objects.exists()


@pytest.mark.parametrize("name", ["\x00", "x" * 200, "1' OR 1=1", "../../etc"])
def test_an_odd_target_is_not_found(sign_in, name):
    case = complaint()
    client = sign_in(staff())
    assert post(client, case, "retry", target=name).status_code == 404
    assert client.get(at(case), {"t": name}).status_code == 200
    assert Complaint.objects.count() == 1
    assert FilingFactory._meta.model.objects.count() == 1
