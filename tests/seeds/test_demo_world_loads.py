import json
from collections import Counter
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from PIL import Image

from accounts.models import Organisation, User
from complaints.models import AbuseFinding, Complaint, CounterNotice, CounterNoticeTarget, Privilege
from core.models import LedgerEntry, Letter, PrivateFile
from filings.models import Filing, FilingConflict
from governance.appeals.selectors import offer_to
from imageguard import index
from imageguard.models import Licence, Original, SeenImage
from marketplace.links import resolve
from marketplace.models import Hold, Target
from seeds import gallery, originals, pictures
from seeds.load import load_world
from seeds.marketplace import LINKS, link
from seeds.world import DOMAIN

pytestmark = pytest.mark.django_db
STOREFRONT = "http://localhost:8100"


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo world, loaded once: what each test does to it is undone after the test.

    Its pictures are grey squares: how they are drawn is tested elsewhere. The originals are drawn: nobody gets a
    certificate for a grey square.
    """
    grey, made = pictures.jpeg(Image.new("RGB", (60, 60), "grey")), gallery.made
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(
            DATA_DIR=tmp_path_factory.mktemp("demo"), DEMO=True,
            STORAGES=settings.STORAGES | {"default": {"BACKEND": "django.core.files.storage.InMemoryStorage"}},
        ),
        django_db_blocker.unblock(),
        transaction.atomic(),
    ):  # fmt: skip
        patch.setattr(gallery, "processors", lambda: 1)
        patch.setattr(gallery, "made", lambda p: made(p) if p.name.startswith("original-") else grey)
        patch.setattr(originals, "MOST_ORIGINALS", 3)
        patch.setattr(originals, "MOST_COPIES", 1)
        index.forget()
        yield load_world(storefront_url=STOREFRONT)
        transaction.set_rollback(True)
    index.forget()


def counts() -> dict[str, int]:
    models = (User, Organisation, Filing, Target, Complaint, Hold, PrivateFile, LedgerEntry, Letter)
    return {m.__name__: m.objects.count() for m in models}


def test_every_page_has_something_to_show(demo):
    states = Counter(Complaint.objects.values_list("state", flat=True))
    assert set(states) >= {
        "submitted",
        "returned",
        "rejected",
        "accepted",
        "upheld",
        "notified",
        "closed",
        "withdrawn",
    }
    answers = Counter(CounterNotice.objects.values_list("state", flat=True))
    assert set(answers) == {"submitted", "returned", "waiting", "in_proceedings", "concluded"}
    outcomes = set(CounterNoticeTarget.objects.values_list("outcome", flat=True))
    assert outcomes == {"waiting", "sustained", "released", "conceded"}
    filings = Counter(Filing.objects.values_list("state", flat=True))
    assert set(filings) >= {"draft", "submitted", "returned", "approved", "expiring", "expired", "rejected"}
    assert FilingConflict.objects.open().count() == 1
    shown = {url.rpartition("/")[2] for target in Target.objects.all() for url in target.images}
    assert shown == set(gallery.recipes(demo.pictures))
    for login in demo.logins:
        assert User.objects.get(email=login.email).check_password("ippro-demo-2026")
    assert [f.pattern for f in AbuseFinding.objects.filter(organisation__kind="agency")] == ["threats"]
    assert Privilege.objects.get().state == "active"


def test_an_agency_complained_under_a_power_in_force_and_its_holder_sees_it_with_the_appeal(demo):
    of_agency = Complaint.objects.filter(power__isnull=False).order_by("pk")
    assert {case.state for case in of_agency} == {"notified", "submitted"}
    agent, holder = (User.objects.get(email=f"{mailbox}@{DOMAIN}") for mailbox in ("agency", "holder"))
    for case in of_agency:
        assert case.power.is_in_force()
        for person in (agent, holder, User.objects.get(email=f"reviewer@{DOMAIN}")):
            assert Complaint.objects.visible_to(person).filter(pk=case.pk).exists()
    dismissal = of_agency.get(state="notified").decisions.get().public_id
    appeal = offer_to(agent, dismissal).appeal
    assert appeal.organisation == agent.organisation
    assert offer_to(holder, dismissal).appeal == appeal


def test_originals_are_certified_and_the_rest_of_the_mall_waits_its_turn(demo):
    assert Counter(Original.objects.values_list("state", flat=True)) == {Original.State.CERTIFIED: 3}
    assert Licence.objects.exists()
    due = SeenImage.objects.filter(due_at__isnull=False).order_by("due_at").values_list("due_at", flat=True)
    assert due[len(due) - 1] - due[0] > timedelta(minutes=5)


def test_loading_twice_changes_nothing(demo):
    before = counts()
    assert load_world(storefront_url=STOREFRONT).drawn == 0
    assert counts() == before


def test_a_storefront_that_moved_takes_its_addresses_along(demo):
    load_world(storefront_url="http://localhost:9200")
    assert not Target.objects.exclude(url__startswith="http://localhost:9200/").exists()


def test_links_of_every_scene_name_what_the_mirror_has(demo):
    first = {kind: Target.objects.filter(kind=kind).first() for kind in Target.Kind.values}
    pasted = [
        link(STOREFRONT, scene, first[kind].external_id, 12 if "seconds" in path else None)
        for scene, kind, path in LINKS
    ]
    found = resolve([*pasted, f"#{first['shop'].share_token}#"])
    assert [(r.scene, r.target.kind) for r in found] == [(s, k) for s, k, _path in LINKS] + [("shop", "shop")]


def test_the_command_prints_logins_and_refuses_outside_a_demo(demo):
    out = StringIO()
    call_command("seed_demo", "--json", stdout=out)
    assert {login["email"] for login in json.loads(out.getvalue())["logins"]} >= {
        "holder@demo.ippro.example",
        "reviewer@demo.ippro.example",
    }
    with override_settings(DEMO=False), pytest.raises(CommandError):
        call_command("seed_demo")
