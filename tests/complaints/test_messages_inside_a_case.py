"""A party and the platform write to each other inside the case: nobody else reads it, and no letter carries it."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.urls import reverse

from complaints import conversations
from complaints.models import Message, MessageTemplate
from core import files
from core.errors import Forbidden, Invalid, NotYours
from core.models import LedgerEntry, Letter
from tests.complaints.test_wizard import png
from tests.factories import member, staff

WORDS = "The seller of 三叶鞋铺 sends the same shoes again; call me."


def case_url(case):
    return reverse("complaints:message", args=[case.public_id])


def notice_url(case):
    return reverse("complaints:notice-message", args=[case.decisions.get().statements.get().public_id])


def review_url(case, step="review"):
    return reverse(f"admin:complaints_complaint_{step}", args=[case.public_id])


def test_what_a_complainant_writes_stands_on_the_desk_until_it_is_read(client, sign_in, submitted, holder, reviewer):
    client.force_login(holder)
    answer = client.post(
        case_url(submitted), {"message-text": WORDS, "message-attachments": png("again.png")}, follow=True
    )
    assert WORDS in answer.content.decode()
    assert "again.png" in answer.content.decode()
    desk = reverse("admin:complaints_complaint_changelist") + "?desk=messages"
    line = f">{submitted.number}</a>"
    boss = sign_in(reviewer)
    assert line in boss.get(desk).content.decode()
    page = boss.get(review_url(submitted)).content.decode()
    assert WORDS in page
    assert "again.png" in page
    assert line in boss.get(desk).content.decode(), "looking at a page reads nothing"
    boss.post(review_url(submitted, "message_read"))
    assert line not in boss.get(desk).content.decode()
    # By this entry the queue is seen to be worked off; what parties write is none.
    assert LedgerEntry.objects.get(kind="complaint.messages_read").payload["messages"] == 1


def test_an_answer_is_read_in_the_case_and_a_letter_says_so_without_its_words(
    client, sign_in, submitted, holder, reviewer, work_off
):
    conversations.write(complaint=submitted, party=holder.organisation, by=holder, text=WORDS)
    sign_in(reviewer).post(
        review_url(submitted, "message"), {"party": holder.organisation.public_id, "message-text": "Which order?"}
    )
    work_off()
    letter = Letter.objects.get(template="message_written", user=holder)
    assert submitted.number in letter.subject
    assert reverse("complaints:detail", args=[submitted.public_id]) + "#conversation" in letter.body
    assert "Which order?" not in letter.body
    client.force_login(holder)
    page = client.get(reverse("complaints:detail", args=[submitted.public_id])).content.decode()
    assert "Which order?" in page
    assert reviewer.name not in page
    assert not Message.objects.filter(first_read_at__isnull=True).exists(), "an answer has read what was asked"


def test_each_party_talks_with_the_platform_alone(client, upheld, holder, merchant, reviewer):
    conversations.write(complaint=upheld, party=holder.organisation, by=holder, text=WORDS)
    client.force_login(merchant)
    notice = reverse("complaints:notice", args=[upheld.decisions.get().statements.get().public_id])
    assert WORDS not in client.get(notice).content.decode()
    assert client.post(notice_url(upheld), {"message-text": "We have a licence."}, follow=True).status_code == 200
    conversations.write(complaint=upheld, party=merchant.organisation, by=reviewer, text="Send it with an objection.")
    assert "Send it with an objection." in client.get(notice).content.decode()
    client.force_login(holder)
    page = client.get(reverse("complaints:detail", args=[upheld.public_id])).content.decode()
    assert "We have a licence." not in page
    assert "Send it with an objection." not in page


def test_strangers_find_nothing_to_write_to(client, upheld, shop):
    stranger = member()
    client.force_login(stranger)
    assert client.post(case_url(upheld), {"message-text": "Hello"}).status_code == 404
    assert client.post(notice_url(upheld), {"message-text": "Hello"}).status_code == 404
    with pytest.raises(NotYours):
        conversations.write(complaint=upheld, party=stranger.organisation, by=stranger, text="Hello")
    assert not Message.objects.exists()


def test_a_merchant_that_was_told_nothing_is_no_party_yet(submitted, merchant):
    with pytest.raises(NotYours):
        conversations.write(complaint=submitted, party=merchant.organisation, by=merchant, text="What is this?")


def test_who_only_reads_for_an_organisation_does_not_write_for_it(submitted, holder):
    reader = member(holder.organisation, role="reader")
    with pytest.raises(Forbidden):
        conversations.write(complaint=submitted, party=holder.organisation, by=reader, text="Hello")


def test_staff_who_belong_to_a_party_do_not_write_for_the_platform(submitted, holder):
    torn = staff()
    torn.memberships.create(organisation=holder.organisation, role="admin")
    with pytest.raises(Forbidden):
        conversations.write(complaint=submitted, party=holder.organisation, by=torn, text="Hello")


def test_foreign_files_cannot_be_sent(submitted, holder, sign_in):
    other = member()
    foreign = files.keep(upload=png(), purpose="evidence", by=other, organisation=other.organisation)
    with pytest.raises(NotYours):
        conversations.write(complaint=submitted, party=holder.organisation, by=holder, text="See", files=[foreign])


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_nothing_and_too_much_are_refused_beside_the_field(client, submitted, holder, text):
    client.force_login(holder)
    answer = client.post(case_url(submitted), {"message-text": text})
    assert answer.status_code == 422
    assert not Message.objects.exists()


def test_words_are_encrypted_and_not_in_the_ledger(submitted, holder):
    conversations.write(complaint=submitted, party=holder.organisation, by=holder, text=WORDS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM complaints_message")
        assert "shoes" not in str(cursor.fetchone())
    entry = LedgerEntry.objects.get(kind="complaint.message")
    assert "shoes" not in str(entry.payload)


def test_messages_go_over_the_api_too(client, upheld, holder, merchant):
    client.force_login(holder)
    written = client.post(
        f"/api/v1/complaints/{upheld.public_id}/messages", {"text": WORDS}, "application/json"
    )  # fmt: skip
    assert written.status_code == 201, written.content
    (read,) = client.get(f"/api/v1/complaints/{upheld.public_id}/messages").json()
    assert (read["text"], read["is_from_platform"]) == (WORDS, False)
    client.force_login(merchant)
    statement = upheld.decisions.get().statements.get().public_id
    assert client.get(f"/api/v1/notices/{statement}/messages").json() == []
    assert client.post(f"/api/v1/notices/{statement}/messages", {"text": "No."}, "application/json").status_code == 201
    assert client.get(f"/api/v1/complaints/{upheld.public_id}/messages").status_code == 404


# --- templates -----------------------------------------------------------------------------------------------


def test_a_day_in_a_template_is_the_day_where_the_platform_is(submitted):
    submitted.deadline_at = datetime(2026, 3, 5, 20, tzinfo=UTC)
    assert conversations.fill("Until {until}.", submitted) == "Until 2026-03-06."


def test_a_template_fills_in_what_it_names_and_nothing_else(sign_in, submitted, reviewer):
    senior = staff("senior_reviewer")
    template = MessageTemplate(
        title="Order", text_zh="案件 {number}：请提供订单号。", text_en="Case {number} on {right}: {0.__class__} which order?"
    )  # fmt: skip
    with pytest.raises(Invalid):
        conversations.save_template(template=MessageTemplate(title="T", text_zh="{secret}", text_en=""), by=senior)
    with pytest.raises(Forbidden):
        conversations.save_template(template=template, by=reviewer)
    conversations.save_template(template=template, by=senior)
    submitted.language = "en"
    said = conversations.filled(template, submitted)
    assert said == f"Case {submitted.number} on {submitted.filing.title}: {{0.__class__}} which order?"
    submitted.language = "zh-hans"
    submitted.save()
    assert f"案件 {submitted.number}" in sign_in(reviewer).get(review_url(submitted)).content.decode()


def test_senior_reviewers_write_templates_and_see_how_they_read(sign_in, submitted):
    boss = sign_in(staff("senior_reviewer"))
    add = reverse("admin:complaints_messagetemplate_add")
    wrong = boss.post(add, {"title": "Order", "text_zh": "{who}", "text_en": "{number}", "is_offered": "on"})
    assert "{who}" in wrong.content.decode()
    assert not MessageTemplate.objects.exists()
    boss.post(add, {"title": "Order", "text_zh": "案件 {number}", "text_en": "Case {number}", "is_offered": "on"})
    kept = MessageTemplate.objects.get()
    page = boss.get(reverse("admin:complaints_messagetemplate_change", args=[kept.pk])).content.decode()
    assert f"Case {submitted.number}" in page
