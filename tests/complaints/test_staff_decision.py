"""A decision is previewed link by link and shop by shop, then confirmed once; afterwards the case says what
became of it."""

import re
import threading

import pytest
from django.db import connection

from accounts.roles import StaffRole
from complaints.models import Complaint, ComplaintTarget, Decision
from complaints.review import PANELS
from complaints.services import accept, add_note, withdraw
from core import clock
from core.models import LedgerEntry
from marketplace.models import Enforcement, EnforcementAttempt, Hold
from marketplace.services import HoldCause, place_holds
from tests.complaints.desk import accepted, at, choices, hidden_fields, listings, since, text_of
from tests.factories import ListingFactory, ShopFactory, complaint, member, merchant_of, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer():
    return staff(name="Ada Reviewer")


@pytest.fixture
def client(reviewer, sign_in):
    return sign_in(reviewer)


def key(case, n=0):
    return list(case.targets.order_by("pk"))[n].public_id


# --- choosing ---------------------------------------------------------------------------------------------


def test_the_usual_rule_is_offered_first(client, reviewer):
    case = accepted(*listings(2), by=reviewer, infringement="trademark_use")
    page = text_of(client.get(at(case)))
    assert 'data-uphold="U2"' in page
    assert page.count('<option value="">– not decided yet –</option>') == 2


def test_one_rule_is_chosen_for_all_that_are_open_without_deciding_anything(client, reviewer):
    case = accepted(*listings(3), by=reviewer)
    form = {**since(case), f"rule-{key(case)}": "D2", "step": "fill", "all-rule": "U1", "facts-uphold": "Seen."}
    answer = client.post(at(case), form)
    assert answer.status_code == 200
    chosen = answer.context["choices"]
    assert [chosen.of(key(case, n)).rule for n in range(3)] == ["D2", "U1", "U1"]
    assert "Seen." in text_of(answer)
    assert "Chosen for 2 links." in text_of(answer)
    assert not Decision.objects.exists()


def test_choices_of_other_pages_of_links_are_carried_along(client, reviewer):
    n = PANELS + 2
    case = accepted(*listings(n), by=reviewer)
    first, last = key(case), key(case, n - 1)
    form = {**since(case), f"rule-{first}": "D3", f"facts-{first}": "Licensed.", "go": last}
    answer = client.post(at(case), form)
    page = text_of(answer)
    assert f'id="{last}"' in page
    assert f'id="{first}"' not in page
    carried = hidden_fields(page, at(case, "preview"))
    assert carried[f"rule-{first}"] == "D3"
    assert carried[f"facts-{first}"] == "Licensed."


def test_five_hundred_links_are_previewed_and_decided_in_one_form(client, reviewer):
    case = accepted(*listings(500), by=reviewer)
    form = choices(case)
    assert len(form) < 1100
    preview = client.post(at(case, "preview"), form)
    assert preview.status_code == 200
    carried = hidden_fields(text_of(preview), at(case, "decide"))
    assert client.post(at(case, "decide"), carried).status_code == 302
    assert case.targets.filter(outcome="upheld").count() == 500


# --- the preview ------------------------------------------------------------------------------------------------


def test_the_preview_says_what_goes_down_what_is_down_and_what_stays_and_writes_nothing(client, reviewer):
    one, held, spared = listings(3)
    elsewhere = ListingFactory(title="In another shop")
    case = accepted(one, held, spared, elsewhere, by=reviewer)
    other = complaint(held)
    place_holds(targets=[held], cause=HoldCause(other.public_id))
    form = choices(case, **{key(case, 2): "D2", key(case, 3): "D1"})
    answer = client.post(at(case, "preview"), form)
    assert answer.status_code == 200
    plan = answer.context["plan"]
    assert (plan.going_down, plan.down_already, plan.dismissed, len(plan.told)) == (1, 1, 2, 1)
    page = text_of(answer)
    for said in ("goes down", "is down and stays down", "stays up", other.number, elsewhere.title, one.shop.title):
        assert said in page
    assert not Decision.objects.exists()
    assert all(outcome == "pending" for outcome in case.targets.values_list("outcome", flat=True))


def test_the_preview_shows_the_statement_as_the_merchant_will_read_it(client, reviewer):
    listing = ListingFactory(title="Blue jumper")
    merchant_of(listing.shop, language="en")
    holder = member(name="Secret Signer")
    case = accepted(listing, by=reviewer)
    Complaint.objects.filter(pk=case.pk).update(
        description="Call me: me@holder.example, +86 138 0000 1111.", filed_by=holder
    )
    answer = client.post(at(case, "preview"), choices(case, facts="The seal is forged."))
    statement = answer.context["statements"][0]["text"]
    for said in (
        "Blue jumper",
        "The seal is forged.",
        case.filing.owner_name,
        "a person decided",
        "Trademark Law art. 57",
    ):
        assert said in statement
    assert "me@holder.example" not in statement
    assert "1111" not in statement


def test_a_shop_on_a_marketplace_that_knows_no_shops_goes_down_with_what_it_sells(client, reviewer, monkeypatch):
    shop = ShopFactory()
    ListingFactory.create_batch(3, shop=shop)
    case = accepted(ListingFactory(), by=reviewer)
    case.targets.update(target=shop)
    monkeypatch.setattr("complaints.review.carries_shops", lambda marketplace: False)
    assert "with the 3 things in the shop" in text_of(client.post(at(case, "preview"), choices(case, "U7")))


def test_a_genuine_seller_is_pointed_out_before_anything_goes_down(client, reviewer):
    listing = ListingFactory()
    case = accepted(listing, by=reviewer)
    case.filing.genuine_sellers.create(shop=listing.shop)
    assert "The holder itself named these sellers as genuine" in text_of(
        client.post(at(case, "preview"), choices(case))
    )


@pytest.mark.parametrize("n", [2, 30])
def test_the_preview_needs_the_same_number_of_queries_however_many_links(
    client, reviewer, n, django_assert_max_num_queries
):
    case = accepted(*(ListingFactory() for _ in range(n)), by=reviewer)
    form = choices(case)
    with django_assert_max_num_queries(36):
        assert client.post(at(case, "preview"), form).status_code == 200


def test_back_from_the_preview_nothing_is_lost(client, reviewer):
    case = accepted(*listings(2), by=reviewer)
    preview = text_of(client.post(at(case, "preview"), choices(case, **{key(case, 1): "D4"})))
    carried = hidden_fields(preview, at(case, "decide"))
    page = client.post(at(case), carried)
    assert page.context["choices"].of(key(case, 1)).rule == "D4"
    assert "The label is a copy of the registered mark." in text_of(page)


# --- what is refused ---------------------------------------------------------------------------------------------


def wrong_forms(case):
    whole = choices(case)
    first = key(case)
    return {
        "one left open": {**whole, f"rule-{first}": ""},
        "no facts": {**whole, "facts-uphold": " "},
        "no facts for the dismissed one": {**whole, f"rule-{first}": "D1", "facts-dismiss": ""},
        "unknown rule": {**whole, f"rule-{first}": "U99"},
        "null byte": {**whole, "facts-uphold": "a\x00b"},
        "bidi": {**whole, f"facts-{first}": "evil \u202e txt"},
        "too long": {**whole, f"facts-{first}": "x" * 4001},
    }


@pytest.mark.parametrize("step", ["preview", "decide"])
@pytest.mark.parametrize(
    "wrong",
    ["one left open", "no facts", "no facts for the dismissed one", "unknown rule", "null byte", "bidi", "too long"],
)
def test_an_incomplete_or_bad_decision_is_refused_and_nothing_is_written(client, reviewer, step, wrong):
    case = accepted(*listings(2), by=reviewer)
    answer = client.post(at(case, step), wrong_forms(case)[wrong])
    assert answer.status_code == 422
    assert not Decision.objects.exists()
    assert not Hold.objects.exists()
    if step == "preview":
        assert "rv-error" in text_of(answer)


def test_ten_megabytes_of_facts_are_refused(client, reviewer):
    case = accepted(by=reviewer)
    answer = client.post(at(case, "decide"), {**choices(case), "facts-uphold": "x" * 10_000_000})
    assert 400 <= answer.status_code < 500
    assert not Decision.objects.exists()


def test_links_of_other_cases_are_never_decided(client, reviewer):
    case, other = accepted(by=reviewer), accepted(by=reviewer)
    form = {**choices(case), f"rule-{key(other)}": "U1"}
    assert client.post(at(case, "decide"), form).status_code == 302
    assert other.targets.get().outcome == "pending"


@pytest.mark.parametrize("step", ["preview", "decide"])
def test_a_notice_at_the_door_is_not_decided(client, step):
    case = complaint()
    assert client.post(at(case, step), choices(case)).status_code == 409
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("role", "status"), [(StaffRole.AUDITOR, 403), (StaffRole.REVIEWER, 409), (StaffRole.SENIOR_REVIEWER, 409)]
)
@pytest.mark.parametrize("step", ["preview", "decide"])
def test_nobody_decides_what_somebody_else_works_on(sign_in, reviewer, role, status, step):
    case = accepted(by=reviewer)
    answer = sign_in(staff(role)).post(at(case, step), choices(case))
    assert answer.status_code == status
    assert not Decision.objects.exists()


@pytest.mark.parametrize("step", ["preview", "decide"])
def test_nobody_decides_a_case_of_their_own(sign_in, reviewer, step):
    holder = member()
    case = accept(complaint=complaint(by=holder), by=reviewer)
    Complaint.objects.filter(pk=case.pk).update(assigned_to=None)
    own = staff()
    own.memberships.create(organisation=holder.organisation, role="reader")
    assert sign_in(own).post(at(case, step), choices(case)).status_code == 403
    assert not Decision.objects.exists()


def test_a_link_withdrawn_meanwhile_makes_the_form_stale(client, reviewer):
    one, two = listings(2)
    case = accepted(one, two, by=reviewer)
    form = choices(case)
    gone = case.targets.get(target=one)
    withdraw(complaint=case, by=case.filed_by, targets=[gone])
    assert client.post(at(case, "decide"), form).status_code == 302
    gone.refresh_from_db()
    assert gone.outcome == "withdrawn"
    assert case.decisions.get().findings.get().complaint_target.target == two


# --- once --------------------------------------------------------------------------------------------------------


def test_a_second_click_decides_nothing_again(client, reviewer):
    case = accepted(by=reviewer)
    form = choices(case)
    assert client.post(at(case, "decide"), form)["Location"] == at(case)
    again = client.post(at(case, "decide"), form)
    assert again.status_code == 409
    assert "Nothing was changed" in text_of(again)
    assert Decision.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("many", ["one person clicking", "many people"])
def test_fifty_simultaneous_decisions_are_one_decision(sign_in, many):
    reviewer = staff()
    case = accepted(*listings(3), by=reviewer)
    form = choices(case)
    if many == "many people":
        Complaint.objects.filter(pk=case.pk).update(assigned_to=None)
        clients = [sign_in(staff()) for _ in range(50)]
    else:
        clients = [sign_in(reviewer) for _ in range(50)]
    gate, statuses = threading.Barrier(50), []

    def click(client):
        gate.wait()
        try:
            statuses.append(client.post(at(case, "decide"), form).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [302] + [409] * 49
    assert Decision.objects.count() == 1
    assert Hold.objects.active().count() == 3
    assert LedgerEntry.objects.filter(kind="complaint.uphold").count() == 1


# --- afterwards ----------------------------------------------------------------------------------------------------


@pytest.fixture
def decided(client, reviewer):
    one, two = listings(2)
    case = accepted(one, two, by=reviewer)
    client.post(at(case, "decide"), choices(case, **{key(case, 1): "D2"}))
    case.refresh_from_db()
    return case


def test_afterwards_the_case_says_what_was_decided_and_why_each_link_is_up_or_down(client, decided, work_off):
    work_off()
    page = text_of(client.get(at(decided)))
    for said in (
        "upheld", "dismissed", "Goods under a registered mark", "The label is a copy of the registered mark.",
        decided.decisions.get().statements.get().number, "The complaint about it was dismissed.", "on its way",
    ):  # fmt: skip
        assert said in page
    assert "Preview the decision" not in page
    papers = re.findall(r'href="([^"]+\.pdf)"', page)
    assert len(papers) == 2, "the decision and its one statement"
    for paper in papers:
        assert client.get(paper)["Content-Type"] == "application/pdf"


def test_a_dead_order_is_shown_with_its_attempts_and_tried_again_once(client, decided):
    row = decided.targets.get(outcome="upheld")
    order = Enforcement.objects.get(target=row.target)
    Enforcement.objects.update(due_at=None, dead_at=clock.now(), attempts=14, last_error="403 forbidden")
    EnforcementAttempt.objects.create(
        enforcement=order, version=1, desired="down", outcome="PermanentError", error="403 forbidden", at=clock.now()
    )
    page = text_of(client.get(at(decided)))
    for said in ("refused 1 order for good", "403 forbidden", "PermanentError", "Try again"):
        assert said in page
    form = {"target": row.public_id}
    assert client.post(at(decided, "retry"), form).status_code == 302
    order.refresh_from_db()
    assert (order.dead_at, order.attempts) == (None, 0)
    assert client.post(at(decided, "retry"), form).status_code == 409
    assert LedgerEntry.objects.filter(kind="enforcement.retried").count() == 1


def test_an_auditor_sees_a_dead_order_and_cannot_retry_it(sign_in, decided):
    Enforcement.objects.update(due_at=None, dead_at=clock.now(), attempts=14, last_error="403 forbidden")
    auditor = sign_in(staff(StaffRole.AUDITOR))
    page = text_of(auditor.get(at(decided)))
    assert "403 forbidden" in page
    assert "Try again" not in page
    row = decided.targets.get(outcome="upheld")
    assert auditor.post(at(decided, "retry"), {"target": row.public_id}).status_code == 403


def test_the_timeline_names_colleagues_and_not_the_parties(client, reviewer, decided):
    add_note(complaint=decided, by=reviewer, text="Done.")
    page = text_of(client.get(at(decided)))
    assert "Ada Reviewer" in page
    assert "the complainant" in page
    assert decided.filed_by.name not in page
    assert decided.filed_by.email not in page
    assert "1 upheld, 1 dismissed" in page


def test_outcomes_only_move_through_the_decision(client, reviewer):
    case = accepted(*listings(2), by=reviewer)
    client.post(at(case), {**choices(case), "go": key(case, 1)})
    client.post(at(case, "preview"), choices(case))
    assert set(case.targets.values_list("outcome", flat=True)) == {ComplaintTarget.Outcome.PENDING}
