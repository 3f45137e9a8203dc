"""The pages of whoever has a right watched, and of whoever was found to infringe one."""

import pytest

from imageguard.models import OfficialPicture
from patrol import profiles, services
from patrol.models import Candidate, WatchProfile
from tests.complaints.test_wizard import png
from tests.factories import FilingFactory, ListingFactory, ShopFactory, member, merchant_of, staff
from tests.patrol.build import FACTS, a_candidate, a_finding, a_profile, a_senior

pytestmark = pytest.mark.django_db


def test_a_right_is_watched_from_the_first_page_to_the_start(sign_in):
    holder = member(language="en")
    right = FilingFactory(organisation=holder.organisation, created_by=holder, kind="publishing", title="Night Rain")
    client = sign_in(holder)
    assert "Watch a right" in client.get("/watch/").content.decode()
    answer = client.post("/watch/new/", {"filing": right.public_id})
    profile = WatchProfile.objects.get()
    assert answer["Location"] == f"/watch/{profile.public_id}/edit/"
    page = client.get(answer["Location"]).content.decode()
    assert "Night Rain" in page
    assert 'name="isbn"' in page
    said = {
        "name": "Night Rain", "kind": "book", "names": "Night Rain\n夜雨", "isbn": "978-0-306-40615-7", "currency": "CNY",
        "list_price": "39.80", "price_floor": "20", "version": profile.version,
    }  # fmt: skip
    bad = client.post(answer["Location"], said | {"names": "a"})
    assert bad.status_code == 422
    assert "too short" in bad.content.decode()
    client.post(answer["Location"], said)
    shop = ShopFactory()
    client.post(f"/watch/{profile.public_id}/shops/", {"shops": shop.url, "is_authorised": "no"})
    client.post(f"/watch/{profile.public_id}/pictures/", {"picture": png(), "is_cover": "on"})
    client.post(f"/watch/{profile.public_id}/start/")
    profile.refresh_from_db()
    assert profile.state == WatchProfile.State.WATCHING
    page = client.get(f"/watch/{profile.public_id}/").content.decode()
    assert all(words in page for words in ("夜雨", "9780306406157", "may not sell", shop.title, "Pause"))


def test_nobody_sees_what_another_watches(sign_in):
    profile = a_profile()
    client = sign_in(member())
    assert client.get(f"/watch/{profile.public_id}/").status_code == 404
    assert client.post(f"/watch/{profile.public_id}/pause/").status_code == 404
    assert profile.name not in client.get("/watch/").content.decode()


def test_the_brand_answers_on_its_page_and_others_see_nothing(sign_in):
    candidate = a_candidate()
    brand = candidate.profile.filing.created_by
    client = sign_in(brand)
    url = f"/watch/candidates/{candidate.public_id}/"
    assert client.get(url).status_code == 404  # not asked
    services.ask_brand(candidate=candidate, by=staff())
    assert candidate.target.title in client.get("/watch/candidates/").content.decode()
    assert sign_in(member()).get(url).status_code == 404
    assert client.post(url, {}).status_code == 422
    client.post(url, {"verdict": "infringes", "note": "No such print."})
    candidate.refresh_from_db()
    assert candidate.state == Candidate.State.OPEN
    assert candidate.answers.get().by == brand
    assert client.post(url, {"verdict": "genuine"}).status_code == 409


def test_a_statement_of_reasons_is_shown_to_its_merchant_and_staff_alone(sign_in):
    finding = a_finding()
    merchant = merchant_of(finding.shop, language="en")
    url = f"/findings/{finding.public_id}/"
    page = sign_in(merchant).get(url).content.decode()
    assert all(words in page for words in (finding.number, FACTS, "U1", "own initiative", "a person decided"))
    assert f"/findings/{finding.public_id}/" in sign_in(merchant).get("/findings/").content.decode()
    assert sign_in(staff()).get(url).status_code == 200
    brand = finding.candidate.profile.filing.created_by
    for stranger in (member(), brand, merchant_of(ShopFactory())):
        assert sign_in(stranger).get(url).status_code == 404
    services.reverse(candidate=finding.candidate, by=a_senior(), reason="They are genuine.")
    assert "They are genuine." in sign_in(merchant).get(url).content.decode()


def test_lists_ask_the_database_as_often_for_many_rows_as_for_one(sign_in, django_assert_max_num_queries):
    holder = member()
    for _n in range(5):
        a_profile(holder)
        services.ask_brand(candidate=a_candidate(WatchProfile.objects.first(), ListingFactory()), by=staff())
    merchant = merchant_of(ShopFactory())
    for _n in range(4):
        shop = ShopFactory(operator=merchant.organisation)
        a_finding(a_candidate(target=ListingFactory(shop=shop)))
    client = sign_in(holder)
    for url, who in (("/watch/", client), ("/watch/candidates/", client), ("/findings/", sign_in(merchant))):
        who.get(url)
        with django_assert_max_num_queries(9):
            who.get(url)


def test_a_filter_of_rights_offers_what_is_free(sign_in):
    holder = member()
    free = FilingFactory(organisation=holder.organisation)
    a_profile(holder)
    assert list(profiles.watchable(holder)) == [free]


def test_the_brand_sees_by_which_of_its_pictures_no_copies_can_be_told_and_what_to_do(sign_in):
    profile = a_profile()
    by = profile.filing.created_by
    image = profiles.add_image(profile=profile, by=by, upload=png())
    picture = OfficialPicture.objects.create(subject=image.public_id, file=image.file, refusal="small")
    page = sign_in(by).get(f"/watch/{profile.public_id}/").content.decode()
    assert "Official picture 1: It is too small" in page
    assert "add others instead" in page
    OfficialPicture.objects.filter(pk=picture.pk).update(refusal="")
    assert "too small" not in sign_in(by).get(f"/watch/{profile.public_id}/").content.decode()
