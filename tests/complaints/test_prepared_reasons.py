"""Reviewers insert prepared reasons, filled in for the case; seniors keep them, and each wording is a version."""

import pytest

from accounts.roles import StaffRole
from core.errors import Forbidden, Invalid
from core.models import LedgerEntry
from filings.models import Filing
from rulebook.macros import ReasonMacro, offered, save_macro
from tests.complaints.desk import accepted, at, text_of
from tests.factories import FilingFactory, complaint, member, staff

pytestmark = pytest.mark.django_db
ADMIN = "/admin/rulebook/reasonmacro/"


def a_macro(place="uphold", by=None, **fields):
    given = {
        "title": "Label",
        "text_zh": "案件 {number}：标签仿冒“{mark}”。",
        "text_en": "Case {number}: the label copies “{mark}”.",
    }
    made = ReasonMacro(place=place, **given | fields)
    return save_macro(macro=made, by=by or staff(StaffRole.SENIOR_REVIEWER))


def test_the_page_of_a_case_offers_them_filled_in_in_its_language_first(sign_in):
    a_macro(rule="U1")
    a_macro(place="dismiss", title="Genuine", text_en="", text_zh="正品。")
    a_macro(title="Pictures", infringement="copied_image")
    a_macro(title="Old", is_offered=False)
    reviewer = staff()
    case = accepted(by=reviewer, language="en")
    answer = sign_in(reviewer).get(at(case))
    found = answer.context["macros"]
    assert [[choice.language, [m.title for m in choice.macros]] for choice in found["uphold"]] == [
        ["en", ["U1 · Label"]], ["zh-hans", ["U1 · Label"]],
    ]  # fmt: skip
    assert [choice.language for choice in found["dismiss"]] == ["zh-hans"]
    page = text_of(answer)
    assert f"Case {case.number}: the label copies “{case.filing.title}”." in page
    assert 'data-macro-for="facts-uphold"' in page
    assert "rulebook/macros.js" in page


def test_the_kind_of_infringement_is_named_in_the_language_of_the_words(sign_in):
    a_macro(text_en="This is {infringement}.", text_zh="这是 {infringement}。")
    reviewer = staff()
    page = text_of(sign_in(reviewer).get(at(accepted(by=reviewer, language="en"))))
    assert "This is counterfeit goods." in page
    assert "这是 counterfeit goods" not in page


def test_the_door_and_the_page_of_a_filing_offer_theirs(sign_in):
    a_macro(place="return", title="Certificate")
    a_macro(place="filing", title="Class", text_en="{mark} ({registration}) of {holder}: which class?")
    client = sign_in(staff())
    case = complaint()
    assert 'data-macro-for="id_return-words"' in text_of(client.get(at(case)))
    filing = FilingFactory(state=Filing.State.SUBMITTED)
    page = text_of(client.get(f"/admin/filings/filing/{filing.public_id}/review/"))
    assert f"{filing.title} ({filing.registration_number}) of {filing.organisation.name}: which class?" in page


def test_who_may_not_act_is_offered_nothing(sign_in):
    a_macro()
    case = accepted(by=staff())
    assert sign_in(staff(StaffRole.AUDITOR)).get(at(case)).context["macros"] == {}


def test_each_change_is_a_version_and_an_entry_of_the_ledger():
    senior = staff(StaffRole.SENIOR_REVIEWER)
    macro = a_macro(by=senior)
    macro.text_en = "Other words."
    save_macro(macro=macro, by=senior)
    assert [(v.version, v.text_en[:5]) for v in macro.versions.all()] == [(2, "Other"), (1, "Case ")]
    assert LedgerEntry.objects.filter(kind="reason_macro.changed", subject=macro.public_id).count() == 2


def test_seniors_keep_them_and_nobody_else(sign_in):
    sent = {"title": "T", "place": "uphold", "text_en": "Words {number}.", "text_zh": "", "infringement": "counterfeit", "rule": "u1", "is_offered": "on"}  # fmt: skip
    assert sign_in(staff()).post(f"{ADMIN}add/", sent).status_code == 403
    assert sign_in(member()).post(f"{ADMIN}add/", sent).status_code == 302
    with pytest.raises(Forbidden):
        a_macro(by=staff())
    senior = sign_in(staff(StaffRole.SENIOR_REVIEWER))
    assert senior.post(f"{ADMIN}add/", sent).status_code == 302
    macro = ReasonMacro.objects.get()
    assert (macro.rule, macro.version, macro.infringement) == ("U1", 1, "counterfeit")
    assert "Words {number}." in text_of(senior.get(f"{ADMIN}{macro.pk}/change/"))


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"text_en": "{moon}"}, "“{moon}” is no place"),
        ({"text_en": ""}, "Write it in Chinese, in English, or in both."),
        ({"rule": "U99"}, "There is no rule with this code"),
    ],
)
def test_bad_input_is_named_by_its_field_and_kept_nowhere(sign_in, sent, said):
    given = {"title": "T", "place": "uphold", "text_en": "Words.", "text_zh": "", **sent}
    answer = sign_in(staff(StaffRole.SENIOR_REVIEWER)).post(f"{ADMIN}add/", given)
    assert said in text_of(answer)
    assert not ReasonMacro.objects.exists()


def test_a_service_refuses_unknown_places_by_field():
    with pytest.raises(Invalid) as refused:
        a_macro(text_zh="{月亮}")
    assert list(refused.value.errors) == ["text_zh"]


def test_what_a_case_lacks_stays_as_a_place():
    a_macro(place="appeal", text_en="{number} {mark}")
    (choice,) = offered("appeal", language="en", values={"number": "A-1"})["appeal"][:1]
    assert choice.macros[0].text == "A-1 {mark}"
