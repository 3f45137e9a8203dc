"""Somebody without an account complains: form, letter, confirmation, and a case that staff review with its right."""

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import Guest, Organisation, User
from complaints import services
from complaints.models import Complaint, Draft, PublicNotice
from complaints.public import pace
from complaints.public.services import complaint_withdrawn, forget_unconfirmed
from core.models import LedgerEntry, Letter, PrivateFile
from filings.models import Filing
from tests.complaints.desk import at, since
from tests.complaints.public import EMAIL, NUMBER, REPORT, confirmation, confirmed, filled, letters, path_in, send
from tests.complaints.test_wizard import png
from tests.factories import FilingFactory, ListingFactory, OrganisationFactory, UserFactory, member, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewing(sign_in, reviewer):
    return sign_in(reviewer)


def test_nothing_reaches_staff_before_the_mailbox_is_proved(client, listings, reviewing):
    assert send(client, *listings[:2]).url == "/report/sent/"
    assert not (Complaint.objects.exists())
    assert not (Filing.objects.exists())
    assert not (Organisation.objects.exists())
    assert not User.objects.filter(email=EMAIL).exists()
    kept = PublicNotice.objects.get()
    raw = PublicNotice.objects.filter(pk=kept.pk).extra(select={"raw": "said", "to": "email"}).values("raw", "to")[0]
    assert "Zoe" not in raw["raw"]
    assert EMAIL not in raw["to"]
    [letter] = letters("public_confirm")
    assert letter.to == EMAIL
    for typed in ("Zoe", "Small Studio", "SMALLSTUDIO", "seams", listings[0].url):
        assert typed not in letter.body + letter.subject


def test_confirmed_it_is_a_complaint_like_any_other(client, listings):
    case, address = confirmed(client, *listings[:2])
    assert address.startswith("/case/")
    assert (case.state, case.channel, case.targets.count()) == ("submitted", "public_form", 2)
    assert case.deadline_at is not None
    assert case.signature == "Zoe Small"
    assert case.filing.state == "submitted"
    assert case.filing.registration_number == NUMBER
    assert case.organisation.name == "Small Studio"
    assert not case.organisation.is_verified
    person = case.filed_by
    assert person.email == EMAIL
    assert not person.has_usable_password()
    assert list(case.filing.files.values_list("file__purpose", flat=True)) == ["certificate"]
    notice = PublicNotice.objects.get()
    assert notice.said == ""
    assert notice.confirmed_at is not None
    told = "".join(str(e.payload) for e in LedgerEntry.objects.all())
    assert not [word for word in ("Zoe", EMAIL, "Small Studio", "seams") if word in told]


def test_a_letters_link_opened_by_a_program_confirms_nothing(client, listings):
    send(client, listings[0])
    page = client.get(confirmation())
    assert page.status_code == 200
    assert "Small Studio" in page.content.decode()
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert "noindex" in page["X-Robots-Tag"]
    assert not Complaint.objects.exists()


def test_confirmed_twice_it_is_one_complaint(client, listings):
    case, _address = confirmed(client, listings[0])
    again = client.post(confirmation())
    assert again.status_code == 302
    assert again.url.startswith("/case/")
    assert Complaint.objects.get() == case
    assert client.get(confirmation()).status_code == 200


def test_sent_twice_it_is_one_notice_and_one_letter(client, listings):
    said = filled(listings[0])
    client.post(REPORT, said)
    client.post(REPORT, said | {"certificate": png("certificate.png")})
    assert PublicNotice.objects.count() == len(letters("public_confirm")) == 1


def test_what_is_not_confirmed_in_time_is_forgotten_with_its_files(client, listings, stopped):
    send(client, listings[0])
    address = confirmation()
    stopped.advance(days=2, minutes=1)
    assert client.get(address).status_code == client.post(address).status_code == 404
    assert forget_unconfirmed() == 1
    assert not PublicNotice.objects.exists()
    from core.files import sweep_orphans

    sweep_orphans()
    assert not PrivateFile.objects.exists()
    assert not Complaint.objects.exists()


def test_what_is_wrong_is_said_by_its_field_and_files_stay(client, listings):
    page = send(client, listings[0], registration_number="no number", description="Too short.")
    assert page.status_code == 422
    text = page.content.decode()
    assert 'id="id_registration_number_error"' in text
    assert "certificate.png" in text
    assert not letters("public_confirm")
    assert not Organisation.objects.exists()
    assert not Filing.objects.exists()
    kept = text.split('name="kept" value="')[1].split('"')[0]
    assert client.post(REPORT, filled(listings[0], certificate=None, kept=kept)).url == "/report/sent/"
    client.post(confirmation())
    assert Complaint.objects.get().filing.files.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"phone": "", "address": ""}, "phone"),
        ({"good_faith": None}, "good_faith"),
        ({"kind": ""}, "kind"),
        ({"email": "nobody"}, "email"),
        ({"links": "https://unknown.example/1"}, "links"),
        ({"links": "\n".join(f"https://unknown.example/{n}" for n in range(11))}, "links"),
        ({"certificate": None}, "certificate"),
        ({"valid_until_on": "2001-01-01"}, "valid_until_on"),
        ({"mark_type": ""}, "mark_type"),
        ({"infringement": "pirated_book"}, "infringement"),
    ],
)
def test_each_fault_stands_beside_its_field(client, listings, changes, field):
    page = send(client, listings[0], **changes)
    assert page.status_code == 422
    assert f'id="id_{field}_error"' in page.content.decode()
    assert not PublicNotice.objects.exists()


def test_links_are_looked_at_before_anything_is_sent(client, listings):
    page = send(client, listings[0], action="check")
    assert page.status_code == 200
    assert listings[0].title in page.content.decode()
    assert not PublicNotice.objects.exists()


def test_a_program_that_fills_in_everything_is_answered_and_forgotten(client, listings):
    assert send(client, listings[0], website="https://spam.example").url == "/report/sent/"
    assert not PublicNotice.objects.exists()
    assert not Letter.objects.exists()
    assert not PrivateFile.objects.exists()


def test_one_mailbox_gets_few_letters_a_day(client, listings):
    for _n in range(3):
        assert send(client, listings[0]).status_code == 302
    page = send(client, listings[0])
    assert page.status_code == 422
    assert 'id="id_email_error"' in page.content.decode()
    assert len(letters("public_confirm")) == 3


def test_one_address_in_the_internet_sends_few_notices(client, listings, monkeypatch):
    monkeypatch.setattr(pace, "NOTICES", 2)
    assert send(client, listings[0], email="n0@small.example", links="https://x.example/").status_code == 422
    for n in range(2):
        assert send(client, listings[0], email=f"n{n}@small.example").status_code == 302
    assert send(client, listings[0], email="more@small.example").status_code == 429
    assert PublicNotice.objects.count() == 2


def test_a_case_is_accepted_with_its_right_by_one_button(client, listings, reviewing):
    case, _address = confirmed(client, *listings[:2])
    page = reviewing.get(at(case)).content.decode()
    assert "Came by the public form" in page
    assert "accept both" in page
    assert reviewing.post(at(case, "accept"), since(case)).status_code == 409
    assert reviewing.post(at(case, "accept"), since(case) | {"right": "proved", "version": "2"}).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.filing.state) == ("accepted", "approved")


def test_it_is_not_accepted_before_its_right_is_proved(client, listings, reviewer):
    case, _address = confirmed(client, listings[0])
    with pytest.raises(services.WrongState):
        services.accept(complaint=case, by=reviewer)
    case.refresh_from_db()
    assert case.state == "submitted"


def test_a_number_that_another_holder_filed_waits_for_the_conflict(client, listings, reviewing):
    FilingFactory(registration_number=NUMBER)
    case, _address = confirmed(client, listings[0])
    answer = reviewing.post(at(case, "accept"), since(case) | {"right": "proved"})
    assert answer.status_code == 409
    assert "conflict" in answer.content.decode()
    case.refresh_from_db()
    assert (case.state, case.filing.state, case.filing.conflicts.count()) == ("submitted", "submitted", 1)


def test_rejected_with_its_right(client, listings, reviewing):
    case, _address = confirmed(client, listings[0])
    said = since(case) | {"reject-reason": "This is no registered mark.", "reject-with_right": "on"}
    assert reviewing.post(at(case, "reject"), said).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.filing.state) == ("rejected", "rejected")


def test_withdrawn_it_takes_its_right_out_of_the_queue(client, listings):
    case, _address = confirmed(client, listings[0])
    services.withdraw(complaint=case, by=case.filed_by)
    complaint_withdrawn(case.public_id)
    complaint_withdrawn(case.public_id)
    case.refresh_from_db()
    assert (case.state, case.filing.state) == ("withdrawn", "withdrawn")


def test_a_second_notice_rests_on_the_right_that_was_proved(client, listings, reviewing):
    case, _address = confirmed(client, listings[0])
    reviewing.post(at(case, "accept"), since(case) | {"right": "proved"})
    other, _address = confirmed(client, listings[1])
    assert (other.filing, other.organisation) == (case.filing, case.organisation)
    assert Guest.objects.count() == 1


def test_the_same_link_is_not_complained_of_twice_from_one_mailbox(client, listings):
    case, _address = confirmed(client, listings[0])
    send(client, listings[0])
    page = client.post(confirmation())
    assert page.status_code == 422
    assert case.number in page.content.decode()
    assert Complaint.objects.count() == 1


def test_who_has_an_account_that_complains_finds_it_in_its_drafts(client, listings):
    holder = member(email=EMAIL)
    holder.set_password("a long enough password")
    holder.save()
    assert send(client, listings[0], evidence=png("seam.png")).url == "/report/sent/"
    page = client.post(confirmation())
    assert page.status_code == 200
    draft = Draft.objects.get()
    for again in (client.get(confirmation()), client.post(confirmation())):
        assert again.status_code == 200
        assert "/account/login/?next=/complaints/" in again.content.decode()
    assert draft.organisation == holder.organisation
    assert draft.data["links"] == listings[0].url
    assert draft.files.count() == 1
    assert not Complaint.objects.exists()
    assert not Guest.objects.exists()


def test_staff_do_not_complain_by_the_form(client, listings):
    staff(email=EMAIL)
    send(client, listings[0])
    assert client.post(confirmation()).status_code == 422
    assert not Complaint.objects.exists()


def test_an_account_without_papers_gets_its_case_by_the_form(client, listings, sign_in):
    person = member(OrganisationFactory(state="unverified"), email=EMAIL)
    person.set_password("a long enough password")
    person.save()
    case, address = confirmed(client, listings[0])
    assert case.filed_by == person
    assert case.organisation.guest.user == person
    assert address == f"/complaints/{case.public_id}/", "behind the sign-in, and for whom it was sent"
    assert sign_in(User.objects.get(pk=person.pk)).get(address).status_code == 200


def test_the_form_is_found_from_the_first_page(client):
    assert 'href="/report/"' in client.get("/").content.decode()
    assert client.get(REPORT).status_code == client.get("/report/sent/").status_code == 200


def test_letters_go_to_the_mailbox_with_a_private_link(client, listings, stopped, work_off):
    case, _address = confirmed(client, listings[0])
    work_off()
    [letter] = letters("complaint_submitted")
    assert letter.to == EMAIL
    assert "/case/" in letter.body
    assert f"/complaints/{case.public_id}/" in letter.body
    assert "/account/" in letter.body


def test_a_right_of_the_form_does_not_open_the_wizard(client, listings, sign_in):
    case, _address = confirmed(client, listings[0])
    listing = ListingFactory(shop=listings[0].shop)
    from tests.factories import a_notice

    with pytest.raises(services.Forbidden):
        services.submit_complaint(notice=a_notice(listing, by=case.filed_by, filing=case.filing), by=case.filed_by)


def test_a_stranger_who_signed_up_with_the_address_before_has_no_part_in_it(client, listings):
    """Nobody proved that account: its password is the stranger's, and would keep the private link out of all letters."""
    words = "correct horse battery staple"
    client.post("/account/signup/", {"email": EMAIL, "password1": words, "password2": words})
    assert User.objects.get(email=EMAIL).has_usable_password()
    case, _link = confirmed(client, listings[0])
    person = User.objects.get(email=EMAIL)
    assert case.filed_by == person
    assert not person.has_usable_password()
    assert person.name == "Zoe Small"
    client.post("/report/link/", {"email": EMAIL})
    assert path_in(letters("public_link")[0], "/case/")
    client.post("/account/login/", {"login": EMAIL, "password": words})
    assert client.get("/complaints/").status_code == 302


def test_an_account_whose_mailbox_was_proved_keeps_its_password(client, listings):
    person = UserFactory(email=EMAIL, password=make_password("correct horse battery staple"))
    confirmed(client, listings[0])
    person.refresh_from_db()
    assert person.has_usable_password()


def test_who_goes_back_and_mends_the_address_gets_the_letter_there(client, listings):
    """The page in the history has the id of the notice that was kept with the mistyped one."""
    first = filled(listings[0], email="zoe@smal.example")
    client.post(REPORT, first)
    client.post(REPORT, filled(listings[0], notice=first["notice"]))
    client.post(
        REPORT, filled(listings[0], notice=first["notice"], description="The seams and the label differ from ours.")
    )
    assert [letter.to for letter in letters("public_confirm")] == ["zoe@smal.example", EMAIL, EMAIL]
    client.post(confirmation())
    assert Complaint.objects.get().description == "The seams and the label differ from ours."


def test_what_is_forgotten_leaves_no_letter_with_the_mailbox(client, listings, stopped):
    send(client, listings[0])
    stopped.advance(days=3)
    assert forget_unconfirmed() == 1
    assert not letters("public_confirm")


def test_one_address_in_the_internet_leaves_few_files(client, listings, monkeypatch):
    """Each may have 10 MB, and what no notice comes to hold lies there for a day."""
    monkeypatch.setattr(pace, "FILES", 2)
    page = client.post(REPORT, filled(listings[0], action="check", pictures=[png("a.png"), png("b.png")]))
    assert page.status_code == 422
    assert "very often" in page.content.decode()
    assert PrivateFile.objects.count() == 2
