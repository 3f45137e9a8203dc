"""Holders are told what became of their images and which copies were found: at once, in their language, never in hundreds."""

import pytest

from accounts.roles import OrgRole
from core.models import Letter
from imageguard import services, watching
from imageguard.letters import GATHERED, tell_holders
from imageguard.models import Conflict, Match, News
from tests.factories import member, staff
from tests.imageguard.helpers import a_match, a_merchant, a_picture, an_edit, certified, checked, registered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


@pytest.fixture
def by():
    return a_merchant()


@pytest.fixture
def told(work_off):
    """What is due is told; the letters so far, the oldest first."""

    def letters():
        work_off()
        tell_holders()
        return list(Letter.objects.order_by("pk"))

    return letters


def test_a_certificate_is_told_to_everybody_who_may_register_and_nobody_else(by, told):
    manager = member(by.organisation, role=OrgRole.MANAGER)
    member(by.organisation, role=OrgRole.READER)
    member(by.organisation, role=OrgRole.MANAGER, is_active=False)
    original = certified(by=by, title="Blue shoe")
    letters = told()
    assert {letter.to for letter in letters} == {by.email, manager.email}
    assert f"{original.number} has its certificate." in letters[0].subject
    assert f"/originals/{original.public_id}/" in letters[0].body
    assert "Blue shoe" in letters[0].body


def test_the_same_news_again_is_no_second_letter(by, told):
    from imageguard import letters

    original = certified(by=by)
    assert len(told()) == 1
    assert len(told()) == 1
    assert not News.objects.exists()
    letters.original_changed(original.public_id)
    assert News.objects.count() == 1


def test_a_refusal_comes_with_its_reason(by, told):
    from PIL import Image

    original = checked(registered(Image.new("RGB", (600, 600), "white"), by=by))
    assert original.state == "refused"
    (letter,) = told()
    assert "hardly anything" in letter.body


def test_conflict_and_how_it_ended_are_two_letters(by, told):
    certified()
    original = checked(registered(an_edit(a_picture(), "banner"), by=by))
    mine = [letter for letter in told() if letter.to == by.email]
    assert "waits for a reviewer" in mine[-1].subject
    services.settle_conflict(
        conflict=original.conflicts.get(), by=staff(), is_upheld=False, note="The other has the raw file."
    )
    mine = [letter for letter in told() if letter.to == by.email]
    assert len(mine) == 2
    assert "got no certificate" in mine[-1].subject
    assert "The other has the raw file." in mine[-1].body


@pytest.fixture
def disputed(by, told):
    """An image of `by`, and the later one of somebody else that shows the same."""
    certified(by=by)
    later = a_merchant()
    conflict = checked(registered(an_edit(a_picture(), "banner"), by=later)).conflicts.get()
    told()
    return conflict, later


def last_to(person, letters):
    return [letter for letter in letters if letter.to == person.email][-1]


@pytest.mark.parametrize(
    ("decision", "to_the_earlier", "to_the_later"),
    [
        ({"is_upheld": False}, "yours was first", "got no certificate"),
        ({"is_upheld": True, "both_stand": True}, "both may stand", "has its certificate"),
        ({"is_upheld": True, "public_reason": "Taken from a catalogue."}, "revoked it", "has its certificate"),
    ],
)
def test_both_sides_of_a_conflict_are_told_how_it_was_settled_and_why(
    disputed, by, told, decision, to_the_earlier, to_the_later
):
    conflict, later = disputed
    services.settle_conflict(conflict=conflict, by=staff(), note="The raw files were compared.", **decision)
    letters = told()
    for person, words in ((by, to_the_earlier), (later, to_the_later)):
        letter = last_to(person, letters)
        assert words in letter.subject
        assert "The raw files were compared." in letter.body
    assert decision.get("public_reason", "") in last_to(by, letters).body
    assert len(letters) == 4, "one letter a side for the decision"


def test_a_side_reads_on_its_page_how_the_conflict_was_settled(disputed, by, client):
    conflict, _later = disputed
    page = f"/originals/{conflict.rival.public_id}/"
    client.force_login(by)
    assert "First-publication conflict" not in client.get(page).content.decode()
    services.settle_conflict(conflict=conflict, by=staff(), note="The raw files were compared.", is_upheld=False)
    said = client.get(page).content.decode()
    assert "settled: yours stands" in said
    assert "The raw files were compared." in said


def test_one_of_several_conflicts_that_was_settled_is_told(disputed, told):
    conflict, later = disputed
    other = certified(a_picture(3, "jar"))
    Conflict.objects.create(original=conflict.original, rival=other, score=0.6)
    services.settle_conflict(conflict=conflict, by=staff(), note="Bought.", is_upheld=True, both_stand=True)
    assert "Others are still open." in last_to(later, told()).subject


def test_revoked_with_the_public_reason(by, told):
    original = certified(by=by)
    told()
    services.revoke(original=original, by=staff(), public_reason="Taken from a catalogue.")
    letter = told()[-1]
    assert "revoked" in letter.subject
    assert "Taken from a catalogue." in letter.body


def test_letters_are_in_the_language_of_the_reader(told):
    by = a_merchant(language="zh-hans")
    certified(by=by)
    assert [letter.language for letter in told()] == ["zh-hans"]


def test_why_an_image_was_refused_is_told_in_the_language_of_the_reader(told):
    from PIL import Image

    checked(registered(Image.new("RGB", (600, 600), "white"), by=a_merchant(language="zh-hans")))
    (letter,) = told()
    assert "图片几乎没有内容" in letter.body


def test_images_that_come_together_are_one_letter(by, told, work_off):
    registered(a_picture(0, "sneaker"), by=by)
    second = registered(a_picture(3, "jar"), by=by)
    services.check_due(1)
    assert told() == [], "another one is still on its way"
    checked(second)
    (letter,) = told()
    assert "News of 2 of your images" in letter.subject


def test_news_waits_ten_minutes_at_most_for_what_is_on_its_way(by, told, stopped):
    registered(a_picture(0, "sneaker"), by=by)
    registered(a_picture(3, "jar"), by=by)
    services.check_due(1)
    assert told() == []
    stopped.advance(seconds=GATHERED.total_seconds())
    assert len(told()) == 1


def test_five_hundred_copies_are_one_letter(by, told):
    from django.db import transaction

    from core.outbox import publish

    original = certified(by=by)
    told()
    matches = [a_match(original, state=Match.State.CONFIRMED, tier="automatic", score=0.9) for _n in range(30)]
    with transaction.atomic():
        publish("match.confirmed", *[match.public_id for match in matches])
    letter = told()[-1]
    assert "30 copies of your images were found" in letter.subject
    assert "and 20 more" in letter.body
    assert letter.body.count("The same picture") == 10
    assert Letter.objects.filter(template="matches_found").count() == 1


def test_the_first_copy_is_told_at_once_and_the_next_ones_together(by, told, stopped):
    from django.db import transaction

    from core.outbox import publish

    original = certified(by=by)
    told()

    def found():
        match = a_match(original, state=Match.State.CONFIRMED, tier="automatic", score=0.9)
        with transaction.atomic():
            publish("match.confirmed", match.public_id)
        stopped.advance(minutes=1)
        return Letter.objects.filter(template="matches_found").count() if told() else 0

    assert [found() for _n in range(4)] == [1, 1, 1, 1]
    stopped.advance(minutes=10)
    told()
    letter = Letter.objects.filter(template="matches_found").order_by("pk").last()
    assert "3 copies" in letter.subject


def test_a_copy_that_is_found_to_be_none_is_told_to_who_knew_of_it(by, told):
    original = certified(by=by)
    told()
    known = a_match(original, state=Match.State.CONFIRMED, tier="automatic", score=0.9)
    unknown = a_match(original, state=Match.State.IN_REVIEW)
    for match in (known, unknown):
        watching.dismiss(match=match, by=staff(), reason="Another seam.")
    letters = [letter for letter in told() if letter.template == "matches_dismissed"]
    assert [letter.to for letter in letters] == [by.email]
    assert "found to be no copy" in letters[0].subject
    assert "Another seam." in letters[0].body
    assert known.number in letters[0].body
    assert unknown.number not in letters[0].body


def test_a_match_that_was_settled_meanwhile_is_not_told(by, told):
    from django.db import transaction

    from core.outbox import publish

    original = certified(by=by)
    told()
    match = a_match(original, state=Match.State.TOLERATED)
    with transaction.atomic():
        publish("match.confirmed", match.public_id)
    assert not [letter for letter in told() if letter.template == "matches_found"]
    assert not News.objects.exists()
