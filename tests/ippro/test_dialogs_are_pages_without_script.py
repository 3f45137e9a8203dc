"""A dialog of the staff's pages that is asked for without htmx is a whole page, and its form does the same."""

import pytest
from django.urls import reverse

from accounts.roles import StaffRole
from tests.factories import UserFactory, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def lock():
    person = UserFactory(name="Han Meimei")
    return person, reverse("admin:accounts_user_lock_account", args=[person.pk])


def test_it_is_a_page_that_asks_and_a_part_for_htmx(sign_in, lock):
    person, address = lock
    client = sign_in(staff(StaffRole.ADMINISTRATOR))
    page = client.get(address).content.decode()
    assert page.lstrip().startswith("<!")
    assert "Lock this account" in page
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<!doctype" not in part.lower()
    assert 'id="dialog"' in part
    assert client.post(address, {"_form_submitted": "True"}).status_code == 302
    person.refresh_from_db()
    assert not person.is_active
