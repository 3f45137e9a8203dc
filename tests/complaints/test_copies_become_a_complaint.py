"""Copies of an image that its holder was told of become a complaint in one click: it only signs and sends."""

import pytest

from complaints.matched import description_of
from complaints.models import Complaint, ComplaintTarget, Draft
from complaints.services import Found, accept, decide, keep_draft, submit_complaint
from core.errors import NotYours
from core.ids import new_id
from core.models import LedgerEntry
from core.moments import time_code
from filings.models import RightKind
from imageguard import services as originals
from imageguard import watching
from imageguard.models import Match
from tests.complaints.desk import at
from tests.factories import FilingFactory, ListingFactory, ShopFactory, a_match, a_notice, member, staff
from tests.imageguard.conftest import empty_indexes  # noqa: F401  used by every test
from tests.imageguard.helpers import a_listing, a_merchant, a_picture, an_edit, certified, drawn, looked_at

pytestmark = pytest.mark.django_db
FROM = "/complaints/from-matches/"


@pytest.fixture
def merchant():
    return a_merchant(name="Li Lei")


@pytest.fixture
def browser(sign_in, merchant):
    return sign_in(merchant)


def copies(by, *, n=1, family="sneaker"):
    """An original of this person, and matches of it on as many listings."""
    original = certified(a_picture(family=family), by=by)
    found = []
    for i in range(n):
        found += looked_at(a_listing(), an_edit(a_picture(family=family), "banner", seed=i + 1))
    assert {m.state for m in found} == {"confirmed"}
    drawn()
    return original, found


def sent(browser, draft, **changes):
    return browser.post(
        "/complaints/new/",
        {
            **draft.data, "draft": draft.public_id, "action": "send", "signature": "Li Lei", "good_faith": "on",
        } | changes,
    )  # fmt: skip


def test_one_click_fills_in_everything_but_the_signature(browser, merchant):
    original, found = copies(merchant, n=2)
    answer = browser.post(FROM, {"match": [m.public_id for m in found]})
    draft = Draft.objects.get()
    assert answer.url == f"/complaints/drafts/{draft.public_id}/"
    assert draft.data["filing"] == original.filing.public_id
    assert draft.data["infringement"] == "copied_image"
    assert draft.data["links"].splitlines() == [m.target.url for m in found]
    for m in found:
        assert m.target.external_id in draft.data["description"]
    assert original.number in draft.data["description"]
    assert [file.media_type for file in draft.files.all()] == ["image/jpeg"] * 2
    page = browser.get(answer.url).content.decode()
    assert found[0].target.title in page


def test_a_film_is_named_once_with_the_first_places_that_show_copies(merchant):
    original = certified(by=merchant)
    film, short = (ListingFactory(kind="livestream", external_id=name) for name in ("LS1", "LS2"))
    found = [a_match(original, film, seconds=at) for at in (3725, 73)]
    assert "LS1 1:13, 1:02:05 (score" in description_of(original, found)
    found += [a_match(original, film, seconds=at) for at in range(4000, 4090)]
    found += [a_match(original, short, seconds=0)]
    said = description_of(original, found)
    assert "LS1 1:13, 1:02:05, 1:06:40, 1:06:41, 1:06:42, …; LS2 0:00 (score" in said
    assert "more" not in said.partition("LS1")[2].replace("or more", "")


@pytest.mark.parametrize(("seconds", "code"), [(0, "0:00"), (59, "0:59"), (60, "1:00"), (3600, "1:00:00")])
def test_a_time_code_is_as_players_show_it(seconds, code):
    assert time_code(seconds) == code


def test_the_sent_complaint_and_its_copies_know_each_other(browser, merchant):
    _original, found = copies(merchant, n=2)
    browser.post(FROM, {"match": [m.public_id for m in found]})
    assert sent(browser, Draft.objects.get()).status_code == 302
    complaint = Complaint.objects.get()
    assert complaint.evidence.count() == 2
    for match in found:
        match.refresh_from_db()
        assert match.state == "complained"
        entry = LedgerEntry.objects.get(kind="match.complain", subject=match.public_id)
        assert entry.payload["complaint"] == complaint.public_id
        assert browser.get(f"/complaints/of-match/{match.public_id}/").url == f"/complaints/{complaint.public_id}/"


def test_what_became_of_the_complaint_is_seen_from_the_copy(browser, merchant):
    _original, found = copies(merchant)
    browser.post(FROM, {"match": found[0].public_id})
    sent(browser, Draft.objects.get())
    reviewer = staff()
    complaint = accept(complaint=Complaint.objects.get(), by=reviewer)
    decide(complaint=complaint, by=reviewer, findings=[Found(complaint.targets.get(), True, "U3", "The same picture.")])
    fragment = browser.get(f"/complaints/of-match/{found[0].public_id}/", headers={"HX-Request": "true"})
    assert complaint.number in fragment.content.decode()
    assert "upheld" in fragment.content.decode()
    assert browser.get("/complaints/match-outcomes/").context["outcomes"]["upheld"] == 1


def test_a_link_that_was_taken_out_of_the_draft_stays_to_be_decided(browser, merchant):
    _original, found = copies(merchant, n=2)
    browser.post(FROM, {"match": [m.public_id for m in found]})
    sent(browser, Draft.objects.get(), links=found[0].target.url)
    assert [Match.objects.get(pk=m.pk).state for m in found] == ["complained", "confirmed"]


def test_copies_found_before_are_complained_of_with_a_link_that_was_pasted_by_hand(merchant):
    original, found = copies(merchant)
    notice = a_notice(found[0].target, by=merchant, filing=original.filing, infringement="copied_image")
    submit_complaint(notice=notice, by=merchant)
    found[0].refresh_from_db()
    assert found[0].state == "complained"


def test_several_images_are_several_complaints(browser, merchant):
    _one, first = copies(merchant)
    _two, second = copies(merchant, family="watch")
    ids = [m.public_id for m in (*first, *second)]
    answer = browser.post(FROM, {"match": ids})
    assert answer.status_code == 422
    assert "Choose copies of one image." in answer.content.decode()
    assert not Draft.objects.exists()
    page = browser.get(FROM, {"match": ids})
    assert [len(group["copies"]) for group in page.context["groups"]] == [1, 1]


def test_a_second_click_is_the_same_draft(browser, merchant):
    _original, found = copies(merchant)
    said = {"match": found[0].public_id, "draft": new_id("drf")}
    browser.post(FROM, said)
    browser.post(FROM, said)
    assert Draft.objects.count() == 1


def test_what_was_let_be_is_said_to_be_left_out(browser, merchant):
    _original, found = copies(merchant)
    watching.tolerate(match=found[0], by=merchant)
    answer = browser.post(FROM, {"match": found[0].public_id})
    assert answer.status_code == 422
    assert "tolerated" in answer.content.decode()
    assert not Draft.objects.exists()


def test_nobody_complains_of_copies_of_somebody_elses_image(browser, merchant, sign_in):
    _original, found = copies(a_merchant())
    copies(merchant, family="watch")
    foreign, unknown = (browser.post(FROM, {"match": i}) for i in (found[0].public_id, new_id("mat")))
    assert foreign.status_code == unknown.status_code == 404
    assert browser.get(f"/complaints/of-match/{found[0].public_id}/").status_code == 404


def test_no_copy_chosen_is_said(browser, merchant):
    certified(by=merchant)
    assert browser.post(FROM).status_code == 422
    assert "Choose at least one copy" in browser.get(FROM).content.decode()


# --- who may ---------------------------------------------------------------------------------------------


def test_a_merchant_complains_under_its_certificates_and_nothing_else(merchant):
    original = certified(by=merchant)
    trademark = FilingFactory(organisation=merchant.organisation, created_by=merchant)
    with pytest.raises(NotYours):
        submit_complaint(notice=a_notice(by=merchant, filing=trademark), by=merchant)
    notice = a_notice(by=merchant, filing=original.filing, infringement="copied_image")
    assert submit_complaint(notice=notice, by=merchant).filing.kind == RightKind.FIRST_PUBLICATION


def test_the_wizard_offers_a_merchant_its_certified_images_alone(browser, merchant):
    original = certified(by=merchant)
    FilingFactory(organisation=merchant.organisation, created_by=merchant, title="A MARK OF ITS OWN")
    page = browser.get("/complaints/new/").content.decode()
    assert original.number in page
    assert "A MARK OF ITS OWN" not in page
    assert "counterfeit goods" not in page
    assert "/complaints/new/" in browser.get("/complaints/").content.decode()


def test_once_the_certificate_ended_no_complaint_rests_on_it_and_old_ones_stay(browser, merchant):
    original, found = copies(merchant)
    notice = a_notice(found[0].target, by=merchant, filing=original.filing, infringement="copied_image")
    complaint = submit_complaint(notice=notice, by=merchant)
    originals.withdraw(original=original, by=merchant)
    assert "certificate of an image" in browser.get("/complaints/new/").content.decode()
    assert browser.get(f"/complaints/{complaint.public_id}/").status_code == 200
    assert browser.get(f"/complaints/{complaint.public_id}/withdraw/").status_code == 200


def test_a_colleague_who_only_reads_does_not_complain(merchant, sign_in):
    _original, found = copies(merchant)
    reader = member(merchant.organisation, role="reader")
    assert sign_in(reader).post(FROM, {"match": found[0].public_id}).status_code == 403
    assert not Draft.objects.exists()


def test_a_forged_authorisation_is_nothing_that_a_certificate_of_an_image_can_carry(browser, merchant):
    original = certified(by=merchant)
    draft = keep_draft(public_id=new_id("drf"), by=merchant, data={})
    answer = sent(
        browser, draft, filing=original.filing.public_id, links=ShopFactory().url, infringement="forged_authorisation",
        description="The shop shows an authorisation that we never gave.",
    )  # fmt: skip
    assert answer.status_code == 422
    assert not Complaint.objects.exists()


def test_the_review_shows_the_original_beside_the_link(merchant, sign_in):
    original, found = copies(merchant)
    notice = a_notice(found[0].target, by=merchant, filing=original.filing, infringement="copied_image")
    complaint = submit_complaint(notice=notice, by=merchant)
    page = sign_in(staff()).get(at(complaint))
    assert [p["file"].pk for p in page.context["right"]["pictures"]] == [original.image_id]


def test_a_complaint_under_another_right_touches_no_copies():
    holder = member()
    listing = ListingFactory()
    submit_complaint(notice=a_notice(listing, by=holder), by=holder)
    assert not ComplaintTarget.objects.get().matched.exists()
