"""A seed in the ledger before the draw, a frame that stays, and listings that anybody draws again."""

import hashlib
from collections import defaultdict
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from core import crypto, files
from core.errors import Forbidden, Invalid, WrongState
from core.models import LedgerEntry
from patrol import sampling
from patrol.drawing import allocate
from patrol.models import Candidate, Sample, TestBuy
from patrol.profile_choice import ProfileField
from tests.factories import ListingFactory, ShopFactory, member, merchant_of, staff
from tests.patrol.sampling import a_market, a_profile, drawn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def strangers_draw(payload, frame):
    """The documented procedure, without a line of ours."""
    assert hashlib.sha256(frame).hexdigest() == payload["frame"]["sha256"]
    strata = defaultdict(list)
    for line in frame.decode().splitlines():
        listing, stratum = line.split("\t")
        strata[stratum].append(listing)
    found = []
    for stratum in payload["strata"]:
        in_order = sorted(
            strata[stratum["key"]], key=lambda one: hashlib.sha256((payload["seed"] + ":" + one).encode()).hexdigest()
        )
        found += [(stratum["key"], one) for one in in_order[: stratum["draw"]]]
    return found


def test_a_stranger_draws_the_same_listings_from_the_ledger_and_the_frame():
    sample = drawn(size=5)
    entry = LedgerEntry.objects.get(kind="sample.announced", subject=sample.public_id)
    ours = list(sample.listings.order_by("pk").values_list("stratum", "target__public_id"))
    assert strangers_draw(entry.payload, files.read(sample.frame)) == ours
    assert len(ours) == 5
    assert entry.payload["seed"] == sample.seed
    # The announcement precedes the draw, and names no listing.
    assert entry.pk < LedgerEntry.objects.get(kind="sample.draw", subject=sample.public_id).pk
    assert TestBuy.objects.filter(listing__sample=sample, state="to_buy").count() == 5


def test_what_changes_after_the_announcement_does_not_change_the_draw():
    by, market = staff(), a_market()
    sample = sampling.announce(title="Spring", size=6, by=by, marketplace=market)
    entry = LedgerEntry.objects.get(kind="sample.announced")
    expected = strangers_draw(entry.payload, files.read(sample.frame))
    for listing in market.targets.filter(kind="listing")[:10]:
        listing.observed, listing.category = "down", "elsewhere"
        listing.save()
    ListingFactory.create_batch(5, shop=ShopFactory(marketplace=market), source_version=1)
    sampling.draw(sample=sample, by=by)
    assert list(sample.listings.order_by("pk").values_list("stratum", "target__public_id")) == expected
    with pytest.raises(WrongState):
        sampling.draw(sample=sample, by=by)


def test_the_frame_is_split_by_category_risk_and_seller_and_leaves_out_what_is_down():
    market = a_market(books=12, shoes=6)
    down, risky = market.targets.filter(category="books")[:2]
    down.observed = "down"
    down.save()
    Candidate.objects.create(number="CA-1", target=risky, profile=a_profile(), target_version=1, score=0.9)
    sample = sampling.announce(title="Spring", size=8, by=staff(), marketplace=market)
    assert [(s["category"], s["risk"], s["seller"], s["listings"]) for s in sample.strata] == [
        ("books", "high", "middle", 1), ("books", "none", "middle", 10), ("shoes", "none", "small", 6),
    ]  # fmt: skip
    assert sum(s["draw"] for s in sample.strata) == 8
    assert down.public_id not in files.read(sample.frame).decode()


def test_with_a_profile_only_what_names_it_is_in_the_frame():
    market = a_market(books=3, shoes=0)
    market.targets.filter(category="books").update(title="atlas of rivers, reprint")
    ListingFactory(shop=ShopFactory(marketplace=market), title="A chair", source_version=1)
    sample = sampling.announce(title="Spring", size=3, by=staff(), marketplace=market, profile=a_profile())
    assert sample.frame_size == 3


@pytest.mark.parametrize(
    ("listings", "size", "expected"),
    [
        ([50, 30, 20], 10, [5, 3, 2]),
        ([1, 1, 998], 10, [1, 1, 8]),
        ([333, 333, 334], 10, [3, 3, 4]),
        ([1, 2], 3, [1, 2]),
        ([96, 1, 1, 1, 1], 5, [1, 1, 1, 1, 1]),
    ],
)
def test_each_stratum_gets_its_share_and_at_least_one(listings, size, expected):
    assert allocate(listings, size) == expected


@pytest.mark.parametrize(("said", "field"), [({"size": 0}, "size"), ({"size": 500}, "size"), ({"title": " "}, "title")])
def test_what_cannot_be_drawn_is_refused_by_its_field(said, field):
    market = a_market()
    with pytest.raises(Invalid) as refused:
        sampling.announce(**{"title": "Spring", "size": 4, "by": staff(), "marketplace": market} | said)
    assert set(refused.value.errors) == {field}
    assert not Sample.objects.exists()
    assert not LedgerEntry.objects.filter(kind="sample.announced").exists()


def test_only_staff_who_decide_announce_and_cancel():
    with pytest.raises(Forbidden):
        sampling.announce(title="Spring", size=4, by=member(), marketplace=a_market())
    sample = drawn()
    with pytest.raises(Invalid):
        sampling.cancel(sample=sample, by=staff(), reason=" ")
    with pytest.raises(WrongState):
        sampling.report(sample=sample, by=staff())
    assert sampling.cancel(sample=sample, by=staff(), reason="The market closed.").state == "cancelled"


def test_the_command_draws_again_and_fails_for_another_frame_or_draw(tmp_path):
    sample, said = drawn(), StringIO()
    call_command("redraw_sample", sample.public_id, stdout=said)
    assert "The same 4 listings were drawn." in said.getvalue()
    frame = tmp_path / "frame.tsv"
    frame.write_bytes(files.read(sample.frame) + b"tgt_more\ts001\n")
    with pytest.raises(CommandError, match="SHA-256 differs"):
        call_command("redraw_sample", sample.public_id, frame=frame)
    TestBuy.objects.all().delete()
    sample.listings.last().delete()
    with pytest.raises(CommandError, match="differs"):
        call_command("redraw_sample", sample.public_id)


def test_everybody_sees_the_seed_at_once_and_frame_and_draw_when_nobody_is_warned_by_them(client, sign_in):
    sample = drawn()
    seller = merchant_of(sample.listings.first().target.shop)
    for visitor in (client, sign_in(seller)):
        page = visitor.get(reverse("samples:sample", args=[sample.public_id])).content.decode()
        assert sample.seed in page
        assert sample.frame_hash in page
        assert sample.listings.first().target.public_id not in page
        for name in ("samples:frame", "samples:draw"):
            assert visitor.get(reverse(name, args=[sample.public_id])).status_code == 404
    assert sample.number in client.get("/samples/").content.decode()
    Sample.objects.filter(pk=sample.pk).update(state="reported", report=sampling.estimate_of(sample))
    frame = client.get(reverse("samples:frame", args=[sample.public_id]))
    assert hashlib.sha256(frame.content).hexdigest() == sample.frame_hash
    table = b"".join(client.get(reverse("samples:draw", args=[sample.public_id]))).decode()
    assert sample.listings.first().target.public_id in table


def test_staff_announce_draw_and_download_on_their_pages(sign_in):
    market, officer = a_market(), staff()
    client = sign_in(officer)
    form = reverse("admin:patrol_sample_announce")
    assert client.post(form, {"title": "Spring", "size": "900", "marketplace": market.public_id}).status_code == 422
    assert client.post(form, {"title": "Spring", "size": "4", "marketplace": market.public_id}).status_code == 302
    sample = Sample.objects.get()
    page = reverse("admin:patrol_sample_review", args=[sample.public_id])
    assert client.post(page, {"step": "report"}).status_code == 409
    assert client.post(page, {"step": "draw"}).status_code == 302
    shown = client.get(page)
    assert sample.seed in shown.content.decode()
    assert client.get(reverse("admin:patrol_sample_changelist")).status_code == 200
    for what in ("frame", "draw"):
        answer = client.get(reverse("admin:patrol_sample_download", args=[sample.public_id, what]))
        assert answer.status_code == 200
    assert client.get(reverse("admin:patrol_sample_download", args=[sample.public_id, "seed"])).status_code == 404


def test_why_it_was_cancelled_stands_on_the_page_and_as_a_digest_in_the_ledger(sign_in):
    sample = drawn()
    sampling.cancel(sample=sample, by=staff(), reason="Li Na of the shop knew of it.")
    said = LedgerEntry.objects.get(kind="sample.cancel").payload
    assert "Li Na" not in str(said)
    sample.refresh_from_db()
    assert said["reason"] == crypto.digest("Li Na of the shop knew of it.", salt=sample.salt)
    assert "Li Na" in sign_in(staff()).get(f"/admin/patrol/sample/{sample.public_id}/review/").content.decode()


def test_a_profile_is_named_by_number_name_or_isbn_and_never_by_a_database_id(sign_in):
    mine, other = a_profile(name="Atlas of Rivers"), a_profile(name="Atlas of Seas")
    desk, page = sign_in(staff()), "/admin/patrol/sample/announce/"
    shown = desk.get(page).content.decode()
    assert 'data-suggest="/admin/patrol/watchprofile/suggest.json"' in shown
    assert "Atlas of Seas" not in shown, "of ten thousand profiles none stands in the page"
    a_market()
    for text, said in (("Atlas", other.number), ("Nothing of the kind", "No watch profile is called so")):
        refused = desk.post(page, {"title": "Spring", "size": 4, "profile": text})
        assert refused.status_code == 422
        assert said in refused.content.decode()
    for text in (mine.number, mine.public_id, "atlas of rivers", "Rivers"):
        assert ProfileField().clean(text) == mine
    assert ProfileField(required=False).clean(" ") is None


def test_profiles_are_suggested_to_staff_while_they_type(sign_in, client):
    mine = a_profile(name="Atlas of Rivers")
    for _n in range(12):
        a_profile(name="Another book")
    address = "/admin/patrol/watchprofile/suggest.json"
    said = sign_in(staff()).get(address, {"q": "rivers"}).json()["profiles"]
    assert [one["value"] for one in said] == [mine.number]
    assert len(sign_in(staff()).get(address).json()["profiles"]) == 10
    for visitor in (client, sign_in(member())):
        assert visitor.get(address).status_code in (302, 403)
