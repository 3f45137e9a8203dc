"""A null byte, which PostgreSQL takes in no text, is in no id and no search: what carries one is unknown, not an error."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.roles import StaffRole
from core.ids import new_id
from filings import services as filings
from tests.factories import FilingFactory, complaint, member, staff
from tests.test_foreign_ids_look_unknown import addresses, path_to

# SQLite refuses no null byte: what this shows, it shows of PostgreSQL.
pytestmark = [pytest.mark.django_db, pytest.mark.postgresql]
NUL = "\x00"


@pytest.fixture
def workplace(sign_in):
    return sign_in(staff(StaffRole.ADMINISTRATOR, StaffRole.SENIOR_REVIEWER, is_superuser=True))


def pages_of_staff():
    for model, room in admin.site._registry.items():
        yield pytest.param(room, f"admin:{model._meta.app_label}_{model._meta.model_name}", id=model._meta.label)


@pytest.mark.parametrize(("room", "name"), [*pages_of_staff()])
def test_lists_and_things_of_the_workplace(workplace, room, name):
    fields = [one for one in room.list_filter if isinstance(one, str)]
    parameters = [getattr(one, "parameter_name", None) for one in room.list_filter]
    asked = {f"{field}__exact": NUL for field in fields} | {p: NUL for p in parameters if p} | {"q": f"a{NUL}b"}
    for parameter, value in asked.items():
        assert workplace.get(reverse(f"{name}_changelist"), {parameter: value}).status_code in (200, 302)
    shown = workplace.get(reverse(f"{name}_change", args=[NUL]))
    assert shown.status_code in (302, 404)


@pytest.mark.parametrize(("pattern", "name"), [*addresses()])
def test_addresses(sign_in, pattern, name):
    client, address = sign_in(member()), path_to(pattern, "%00")
    answers = {client.get(address).status_code, client.post(address).status_code}
    assert answers <= {404, 405, 415}


def test_ids_in_forms(sign_in, workplace):
    person = member()
    client, case = sign_in(person), complaint(by=person)
    draft = filings.create_draft(kind="trademark", by=person)
    right = FilingFactory(organisation=person.organisation)
    for address, form, expected in (
        (reverse("accounts:switch"), {"organisation": NUL}, 404),
        (reverse("filings:edit", args=[draft.public_id]), {"version": 1, "remove": f"file:{NUL}"}, 404),
        (reverse("filings:edit", args=[draft.public_id]), {"version": 2, "remove": f"shop:{NUL}"}, 404),
        (reverse("filings:sellers", args=[right.public_id]), {"remove": NUL}, 404),
        (reverse("complaints:wizard"), {"draft": new_id("drf"), "action": "save", "remove_file": NUL}, 302),
        (reverse("complaints:wizard"), {"draft": NUL, "action": "save"}, 404),
        (reverse("complaints:wizard"), {"draft": new_id("drf"), "action": "check", "filing": NUL}, 200),
    ):
        assert client.post(address, form).status_code == expected, (address, form)
    assert client.get(reverse("complaints:wizard"), {"filing": NUL}).status_code == 200
    review = "admin:complaints_complaint_"
    assert workplace.post(reverse(f"{review}take_next"), {"offered": NUL}).status_code == 302
    assert workplace.post(reverse(f"{review}retry", args=[case.public_id]), {"target": NUL}).status_code == 404
