"""Findings of patrol in the public register: from when the shop was told, without persons or what was written."""

import csv
import io

import pytest

from filings.models import Filing
from governance.register import findings
from patrol import services as patrol
from tests.factories import ListingFactory
from tests.governance.penalties import senior
from tests.patrol.build import FACTS, a_candidate, a_finding

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped")]


def published(client, finding):
    """Everything that the public reads: the list, the page, the table."""
    table = b"".join(client.get("/register/findings/findings.csv").streaming_content).decode("utf-8-sig")
    page = client.get(f"/register/findings/{finding.public_id}/")
    api = client.get(f"/api/v1/register-findings/{finding.public_id}")
    assert client.get("/api/v1/register-findings").json()["results"] == [api.json()]
    return [api.content.decode(), client.get("/register/findings/").content.decode(), page.content.decode(), table]


def test_it_stands_there_from_when_its_shop_was_told_and_says_that_it_was_reversed(client, shop, merchant, work_off):
    finding = a_finding(a_candidate(target=ListingFactory(shop=shop, title="Shoes, call 13812345678")))
    Filing.objects.update(owner_name="张三丰")
    assert client.get(f"/register/findings/{finding.public_id}/").status_code == 404
    assert client.get(f"/api/v1/register-findings/{finding.public_id}").status_code == 404
    assert finding.number not in client.get("/register/findings/").content.decode()
    work_off()
    for text in published(client, finding):
        assert finding.number in text
        assert "Bargain Shoes" in text
        assert "张**" in text or "\\u5f20**" in text
        never = ["13812345678", "张三丰", FACTS, finding.decided_by.name, merchant.email, merchant.organisation.name]
        assert not [words for words in never if words in text]
    reversal = patrol.reverse(candidate=finding.candidate, by=senior(), reason="It is genuine.", appeal="apl_x")
    work_off()
    row = list(csv.DictReader(io.StringIO(published(client, finding)[3])))
    assert [(r["number"], r["outcome"], r["reversed_on_appeal"]) for r in row] == [(finding.number, "reversed", "True")]
    assert client.get(f"/register/findings/{reversal.public_id}/").status_code == 404


def test_a_page_of_them_asks_once(shop, work_off, django_assert_num_queries):
    for _ in range(3):
        a_finding(a_candidate(target=ListingFactory(shop=shop)))
    work_off()
    with django_assert_num_queries(1):
        assert len(findings.read(findings.published())) == 3
