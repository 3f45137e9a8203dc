"""A share of decisions is drawn by lot, decided again by somebody else who does not know how, and counted for who decided."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import StaffRole
from complaints.conversations import write
from complaints.deciders import deciders
from complaints.models import Complaint, Decision
from complaints.queue import desk_counts
from complaints.services import Found, decide, decide_anew
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry
from governance.models import SecondLook
from governance.quality import services
from governance.quality.figures import Share, figures
from governance.tasks import draw_second_looks
from tests.complaints.desk import accepted, at, listings, text_of
from tests.factories import complaint, member, staff

pytestmark = pytest.mark.django_db
TITLE = "Seldom Heard Of"
FACTS = "The label is a copy of the registered mark."


def decided(by=None, outcome=True, n=1, **fields):
    """A decision on a complaint of `n` links, all alike."""
    by = by or staff()
    case = accepted(*listings(n), by=by, **fields)
    rule = "U1" if outcome else "D1"
    return decide(complaint=case, by=by, findings=[Found(row, outcome, rule, FACTS) for row in case.targets.all()])


@pytest.fixture
def every(settings):
    settings.SECOND_LOOK_RATIO = 1.0


def drawn(**fields):
    decision = decided(**fields)
    draw_second_looks()
    return SecondLook.objects.get(decision=decision)


def rules(look, code):
    return {row.complaint_target.public_id: code for row in look.decision.findings.all()}


def page(look):
    return f"/admin/governance/secondlook/{look.public_id}/review/"


def test_which_are_drawn_can_be_told_from_their_ids(settings, stopped):
    settings.SECOND_LOOK_RATIO = 0.5
    made = [decided() for _ in range(12)]
    assert draw_second_looks() == SecondLook.objects.count()
    expected = {d.public_id for d in made if services.is_drawn(d.public_id, 0.5)}
    assert set(SecondLook.objects.values_list("decision__public_id", flat=True)) == expected
    assert draw_second_looks() == 0
    settings.SECOND_LOOK_RATIO = 0
    decided()
    assert draw_second_looks() == 0


def test_the_lot_falls_on_the_share_that_is_asked_for():
    ids = [f"dec_{n}" for n in range(4000)]
    assert 160 < sum(services.is_drawn(one, 0.05) for one in ids) < 240
    # Known for ever: whoever repeats the draw of last year finds the same.
    assert [n for n in range(100) if services.is_drawn(f"dec_{n}", 0.05)] == [
        23, 32, 45, 46, 50, 51, 60, 82, 99,
    ]  # fmt: skip


def test_machines_holders_and_later_decisions_are_not_drawn(every, stopped):
    decision = decided()
    Decision.objects.filter(pk=decision.pk).update(is_automated=True)
    later = decided()
    Decision.objects.filter(pk=later.pk).update(on_appeal="apl_1")
    by_holder = decided()
    Decision.objects.filter(pk=by_holder.pk).update(decided_by=member())
    assert draw_second_looks() == 0


def test_the_page_tells_nothing_of_the_first_decision_until_the_second_is_made(every, sign_in, stopped):
    first = staff(name="Ada First")
    look = drawn(by=first, outcome=False)
    client = sign_in(staff())
    before = text_of(client.get(page(look)))
    assert "Ada First" not in before
    assert FACTS not in before
    assert look.decision.complaint.number in before
    sent = {"step": "look", "reasons": "A copy.", **{f"rule-{key}": "U1" for key in rules(look, "")}}
    after = text_of(client.post(page(look), sent, follow=True))
    assert "Ada First" in after
    assert FACTS in after
    look.refresh_from_db()
    assert (look.state, look.differing) == ("differs", 1)
    assert LedgerEntry.objects.filter(kind="second_look.made", subject=look.public_id).count() == 1


def test_who_decides_alike_agrees_and_the_case_stays_as_it_is(every, stopped):
    look = drawn(n=2)
    other = staff()
    services.look_again(look=look, by=other, rules=rules(look, "U1"), reasons="Copies.")
    look.refresh_from_db()
    assert (look.state, look.differing, look.looked_by) == ("agrees", 0, other)
    assert Decision.objects.count() == 1
    with pytest.raises(WrongState):
        services.look_again(look=look, by=staff(), rules=rules(look, "U1"), reasons="Again.")


def test_who_decided_or_is_a_party_does_not_look(every, sign_in, stopped):
    first, holder = staff(), member()
    look = drawn(by=first)
    with pytest.raises(Forbidden):
        services.look_again(look=look, by=first, rules=rules(look, "U1"), reasons="Mine.")
    client = sign_in(first)
    assert "Somebody looks at it again who did not decide it" in text_of(client.get(page(look)))
    assert client.post(page(look), {"step": "look"}).status_code == 403
    party = staff()
    party.memberships.create(organisation=look.decision.complaint.organisation, role="reader")
    for person in (party, staff(StaffRole.AUDITOR), holder):
        assert not services.may_look(look, person)


@pytest.mark.parametrize(("code", "reasons", "field"), [("U99", "Words.", "rule-"), ("U1", " ", "reasons")])
def test_bad_input_is_named_by_its_field_and_changes_nothing(every, stopped, code, reasons, field):
    look = drawn()
    with pytest.raises(Invalid) as refused:
        services.look_again(look=look, by=staff(), rules=rules(look, code), reasons=reasons)
    assert next(iter(refused.value.errors)).startswith(field)
    look.refresh_from_db()
    assert look.state == "open"


def test_what_differs_is_talked_about_and_a_third_person_writes_it_down(every, sign_in, stopped):
    look = drawn(outcome=False)
    second = staff(StaffRole.SENIOR_REVIEWER)
    services.look_again(look=look, by=second, rules=rules(look, "U1"), reasons="A copy.")
    for person in (second, staff()):
        with pytest.raises(Forbidden):
            services.conclude(look=look, by=person, conclusion="second", note="Look at the label.")
    client = sign_in(staff(StaffRole.SENIOR_REVIEWER))
    assert client.post(page(look), {"step": "conclude", "conclusion": "", "note": "x"}).status_code == 422
    client.post(page(look), {"step": "conclude", "conclusion": "second", "note": "Look at the label."})
    look.refresh_from_db()
    assert (look.state, look.conclusion) == ("discussed", "second")


# --- figures --------------------------------------------------------------------------------------------------


def test_figures_count_what_fell_what_differed_and_how_long_it_took(every, stopped):
    person, second = staff(name="A"), staff(StaffRole.SENIOR_REVIEWER, name="B")
    fell, answered, stands = (decided(by=person) for _ in range(3))
    for decision, why in ((fell, {"appeal": "apl_1"}), (answered, {"answer": "ctn_1"})):
        row = decision.findings.get().complaint_target
        decide_anew(complaint=decision.complaint, by=second, findings=[Found(row, False, "D1", "Genuine.")], **why)
    draw_second_looks()
    look = SecondLook.objects.get(decision=stands)
    services.look_again(look=look, by=second, rules=rules(look, "D1"), reasons="Genuine.")
    (line,) = [line for line in figures(90) if line.person == person]
    assert (line.decided, line.links, line.on_appeal, line.after_answer) == (3, 3, 1, 1)
    assert (line.looked_at, line.differing, line.looks_made) == (1, 1, 0)
    assert len(line.hours) == 3
    assert [line.looks_made for line in figures(90) if line.person == second] == [1]
    assert figures(90, [staff().pk]) == []


def test_of_few_decisions_little_can_be_told():
    low, high = Share(0, 3).interval
    assert (round(low, 1), round(high, 1)) == (0.0, 56.2)
    assert Share(0, 0).interval == (0.0, 100.0)
    assert Share(0, 0).percent is None


def test_seniors_see_everybody_and_a_reviewer_only_themselves(sign_in, stopped):
    one, two = staff(name="Ada First"), staff(name="Bea Second")
    decided(by=one), decided(by=two)
    senior, own = sign_in(staff(StaffRole.SENIOR_REVIEWER)), sign_in(one)
    everybody = text_of(senior.get("/admin/governance/quality/"))
    assert everybody.index("Ada First") < everybody.index("Bea Second")
    mine = text_of(own.get("/admin/governance/quality/"))
    assert "Ada First" in mine
    assert "Bea Second" not in mine
    assert own.get(f"/admin/governance/quality/{one.public_id}/?days=30").status_code == 200
    assert own.get(f"/admin/governance/quality/{two.public_id}/").status_code == 404
    assert own.get("/admin/governance/quality/usr_unknown/").status_code == 404
    assert senior.get(f"/admin/governance/quality/{two.public_id}/").status_code == 200
    assert own.get("/admin/governance/quality/quality.csv").status_code == 403
    table = b"".join(senior.get("/admin/governance/quality/quality.csv?days=30")).decode()
    assert table.count("\r\n") == 3
    assert sign_in(staff(StaffRole.AUDITOR)).get("/admin/governance/quality/").status_code == 403
    assert sign_in(member()).get("/admin/governance/quality/").status_code == 302


def test_the_page_asks_the_same_however_many_decided(sign_in, stopped, django_assert_max_num_queries):
    client = sign_in(staff(StaffRole.SENIOR_REVIEWER))
    complaint()
    for n in (1, 4):
        [decided() for _ in range(n)]
        client.get("/admin/governance/quality/")
        with django_assert_max_num_queries(16):
            client.get("/admin/governance/quality/")


def test_the_page_of_the_case_is_closed_to_who_may_look_until_somebody_did(every, sign_in, stopped):
    first = staff(name="Ada First")
    look = drawn(by=first, outcome=False)
    case = look.decision.complaint
    person = staff()
    client, other = sign_in(person), sign_in(staff())
    closed = client.get(at(case))
    assert page(look) in closed.content.decode()
    for word in ("Ada First", FACTS, "dismissed"):
        assert word not in text_of(closed)
    assert FACTS in text_of(sign_in(first).get(at(case)))
    # Who refuses a step that came from an old page tells nothing either.
    assert "dismissed" not in text_of(client.post(at(case, "accept"), {"since": "2020-01-01"}))
    sent = {"step": "look", "reasons": "A copy.", **{f"rule-{key}": "U1" for key in rules(look, "")}}
    other.post(page(look), sent)
    assert FACTS in text_of(client.get(at(case)))


def test_who_has_to_work_on_the_case_leaves_the_look_to_others(every, sign_in, stopped):
    look = drawn()
    person, _others = staff(), staff()
    client = sign_in(person)
    client.post(page(look), {"step": "waive"})
    assert FACTS in text_of(client.get(at(look.decision.complaint)))
    assert not services.may_look(look, person)
    with pytest.raises(Forbidden):
        services.look_again(look=look, by=person, rules=rules(look, "U1"), reasons="I know it.")
    assert LedgerEntry.objects.filter(kind="second_look.waived", actor=person.public_id).count() == 1
    assert client.post(page(look), {"step": "waive"}).status_code == 403


@pytest.mark.parametrize("outcome", [True, False])
def test_nothing_tells_who_may_look_how_the_case_was_decided(every, sign_in, stopped, outcome):
    look = drawn(by=staff(name="Ada First"), outcome=outcome)
    case = look.decision.complaint
    case.filing.title = TITLE
    case.filing.save()
    person = staff()
    client = sign_in(person)
    listed = "/admin/complaints/complaint/"
    asked = [
        f"{listed}?desk=all", f"{listed}?desk=decided", f"{listed}?q={case.number}", f"{listed}?desk=all&state__exact={case.state}",
        f"{listed}?desk=all&o=2", f"{listed}sheet/csv/?desk=all", f"{listed}sheet/csv/?desk=all&state__exact={case.state}",
        "/complaints/", f"/complaints/?q={case.number}", "/complaints/export.csv", "/api/v1/complaints",
        f"/api/v1/complaints?state={case.state}",
    ]  # fmt: skip
    for address in asked:
        found = read(client.get(address))
        assert TITLE not in found, address
        assert case.public_id not in found, address
    for address in (f"/complaints/{case.public_id}/", f"/api/v1/complaints/{case.public_id}"):
        assert client.get(address).status_code == 404, address
    # Whoever is not to look, and whoever leaves it to others, finds it everywhere.
    services.waive(look=look, by=person)
    for address in asked:
        found = read(client.get(address))
        assert TITLE in found or case.public_id in found, address
    for other in (client, sign_in(look.decision.decided_by), sign_in(staff(StaffRole.AUDITOR))):
        assert case.number in read(other.get(f"{listed}?desk=all"))
        assert case.number in read(other.get(f"{listed}sheet/csv/?desk=all"))
    assert client.get(f"/api/v1/complaints/{case.public_id}").status_code == 200


def read(answer):
    assert answer.status_code == 200, answer
    return (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()


def test_another_case_on_the_same_link_does_not_tell_it_either(every, sign_in, stopped):
    look = drawn()
    case = look.decision.complaint
    target = case.targets.get().target
    later = accepted(target, by=staff())
    client = sign_in(staff())
    page_of_later = read(client.get(at(later)))
    assert case.number not in page_of_later
    assert "another case" in page_of_later
    assert case.number in read(sign_in(look.decision.decided_by).get(at(later)))


def test_who_decided_on_a_case_is_the_same_for_one_look_and_for_all(every, stopped):
    """`deciders` names them for one case, `looks_for` leaves out their looks among many."""
    look = drawn(by=staff())
    second = staff(StaffRole.SENIOR_REVIEWER)
    row = look.decision.findings.get().complaint_target
    assert services.may_look(look, second)
    decide_anew(complaint=look.decision.complaint, by=second, findings=[Found(row, False, "D1", "No.")], appeal="apl_1")
    for person in (look.decision.decided_by, second, staff()):
        assert services.may_look(look, person) == (person.pk not in deciders([row.pk]))


def test_a_look_that_everybody_left_to_others_ends_as_not_made(every, sign_in, stopped):
    first, one, two = staff(), staff(), staff(StaffRole.SENIOR_REVIEWER)
    look = drawn(by=first)
    services.waive(look=look, by=one)
    look.refresh_from_db()
    assert look.state == "open"
    services.waive(look=look, by=two)
    # Somebody may come on the first day.
    assert services.end_second_looks() == 0
    stopped.advance(days=1)
    assert services.end_second_looks() == 1
    look.refresh_from_db()
    assert look.state == "not_made"
    assert LedgerEntry.objects.filter(kind="second_look.not_made", subject=look.public_id).count() == 1
    assert not SecondLook.objects.waiting().exists()
    # Nobody makes it any more, and the case is open to everybody who comes.
    late = staff()
    assert FACTS in text_of(sign_in(late).get(at(look.decision.complaint)))
    with pytest.raises(WrongState):
        services.look_again(look=look, by=late, rules=rules(look, "U1"), reasons="A copy.")
    told = text_of(sign_in(late).get(page(look)))
    assert "it counts as not made" in told
    assert FACTS not in told
    (line,) = figures(90, [first.pk])
    assert (line.looked_at, line.differing, line.not_made) == (0, 0, 1)
    table = b"".join(sign_in(two).get("/admin/governance/quality/quality.csv")).decode().splitlines()
    assert table[0].endswith(",looks_not_made")
    assert table[1].endswith(",1")


def test_a_look_for_which_nobody_is_left_ends_a_day_later(every, stopped):
    look = drawn(by=staff())
    gone = staff()
    kept = drawn(by=gone)
    draw_second_looks()
    assert SecondLook.objects.waiting().count() == 2
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    stopped.advance(days=1)
    draw_second_looks()
    look.refresh_from_db(), kept.refresh_from_db()
    # Who decided the one may still look at the other.
    assert (look.state, kept.state) == ("not_made", "open")
    services.look_again(look=kept, by=look.decision.decided_by, rules=rules(kept, "U1"), reasons="A copy.")
    draw_second_looks()
    look.refresh_from_db(), kept.refresh_from_db()
    assert (look.state, kept.state) == ("not_made", "agrees")


def test_a_look_that_nobody_makes_ends_after_two_weeks(every, stopped):
    look, other = drawn(by=staff()), staff()
    stopped.advance(days=13)
    assert services.end_second_looks() == 0
    stopped.advance(days=1)
    assert services.may_look(look, other)
    assert services.end_second_looks() == 1
    look.refresh_from_db()
    assert look.state == "not_made"


def test_who_comes_while_looks_are_being_ended_still_looks(every, stopped, monkeypatch):
    look = drawn(by=staff())
    stopped.advance(days=1)
    asked = services.reviewers
    # Nobody was there when it was listed, and somebody is when it is locked.
    answers = iter([asked().none(), asked()])
    monkeypatch.setattr(services, "reviewers", lambda: next(answers))
    staff()
    assert services.end_second_looks() == 0
    look.refresh_from_db()
    assert look.state == "open"


def test_what_a_party_writes_lies_on_the_desk_of_who_may_look(every, sign_in, stopped):
    look = drawn(by=staff())
    case, person, other = look.decision.complaint, staff(), staff()
    client, desk = sign_in(person), "/admin/complaints/complaint/?desk=messages"
    write(complaint=case, party=case.organisation, by=case.filed_by, text="When is it taken down?")
    assert case.number in read(client.get(desk))
    assert desk_counts(person)["messages"] == 1
    assert FACTS in text_of(client.get(at(case)))
    assert client.post(at(case, "message_read")).status_code == 302
    # Who read it saw how the case was decided; for others it is closed again.
    assert FACTS in text_of(client.get(at(case)))
    assert not services.may_look(look, person)
    assert services.may_look(look, other)
    assert FACTS not in text_of(sign_in(other).get(at(case)))


@pytest.mark.parametrize("step", ["signature", "message", "message_read", "note", "assign", "order", "retry", "accept"])
def test_who_must_not_see_a_case_does_nothing_in_it(every, sign_in, stopped, step):
    look = drawn(by=staff())
    case = look.decision.complaint
    client = sign_in(staff())
    before = LedgerEntry.objects.count()
    answer = client.post(at(case, step), {"text": "Words.", "party": case.organisation.public_id})
    assert answer.status_code == 403
    assert page(look) in answer.content.decode()
    assert LedgerEntry.objects.count() == before


def test_what_is_hidden_is_asked_once_and_by_case(every, sign_in, stopped):
    look, person = drawn(by=staff(), n=3), staff()
    with CaptureQueriesContext(connection) as asked:
        for _ in range(3):
            assert not Complaint.objects.visible_to(person).exists()
            assert Complaint.objects.visible_to(look.decision.decided_by).exists()
    looked = [q["sql"] for q in asked if "governance_secondlook" in q["sql"]]
    assert len(looked) == 2
    assert not any("complaints_finding" in sql for sql in looked)
