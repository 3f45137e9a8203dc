"""A time-stamp authority countersigns tree heads: until its word has come and was checked, they are pending."""

import shutil
import subprocess
from base64 import b64decode, b64encode

import pytest
from cryptography import x509

from accounts.roles import StaffRole
from core import clock, sealing, stamps, verify_ledger
from core.models import LedgerEntry, TimeStamp, TreeHead
from core.obligations import LEASE, MAX_ATTEMPTS
from core.tasks import stamp_tree_heads
from tests.core.authority import Authority, sends
from tests.core.fetch_server import Server
from tests.core.ledger_book import exported, written
from tests.factories import staff

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="left out: needs OpenSSL"),
]


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def authority(server, tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tsa") / "ec", server)


@pytest.fixture(autouse=True)
def asked(settings, authority, server):
    """An authority that is set, and works; nothing was asked of it yet."""
    settings.TSA_URL, settings.TSA_CA_FILE = authority.url, str(authority.root)
    server.answers["/stamp"] = (authority._answer, {})
    authority.asked.clear()
    return authority.asked


def sealed(count=3):
    entries = written(count)
    sealing.seal()
    return entries[0]


def trust(root, **more):
    return verify_ledger.Trust(authorities=tuple(x509.load_pem_x509_certificates(root.read_bytes())), **more)


def state(client, size):
    return client.get(f"/api/v1/ledger/heads/{size}").json()["time_stamp"]["state"]


def test_a_head_is_pending_and_then_stamped(client, authority, no_broker):
    entry = sealed()
    assert no_broker == []  # on commit, and this test's transaction never ends
    assert sealing.is_time_stamp_pending(entry)
    assert sealing.bundle_for(entry)["time_stamp"] == {"state": "pending"}
    assert state(client, 4) == "pending"
    assert stamp_tree_heads() == 1
    assert not sealing.is_time_stamp_pending(entry)
    assert state(client, 4) == "stamped"
    bundle = sealing.bundle_for(entry)
    report = verify_ledger.check_bundle(bundle, trust(authority.root, needs_time_stamp=True))
    assert report.found["time_stamp"]["by"] == "CN=Stamps of tests"
    assert report.found["time_stamp"]["authority_was_named"]
    at = TimeStamp.objects.get().stamped_at
    assert abs((at - clock.now()).total_seconds()) < 60
    assert report.found["time_stamp"]["at"] == at.isoformat()
    assert any(
        "CAUTION: who that authority is" in s for s in verify_ledger.check_bundle(bundle, verify_ledger.Trust()).said
    )


def test_an_entry_is_pending_before_it_is_sealed(settings):
    [entry] = written()
    assert sealing.is_time_stamp_pending(entry)
    settings.TSA_URL = ""
    assert not sealing.is_time_stamp_pending(entry)


def test_openssl_itself_agrees(authority, tmp_path):
    sealed()
    stamp_tree_heads()
    (tmp_path / "note").write_text(TreeHead.objects.get().note, encoding="utf-8")
    (tmp_path / "token").write_bytes(TimeStamp.objects.get().token)
    done = subprocess.run(
        ["openssl", "ts", "-verify", "-data", "note", "-in", "token", "-CAfile", authority.root],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert "Verification: OK" in done.stdout + done.stderr


def test_with_an_rsa_authority_and_sha512(server, settings, tmp_path):
    other = Authority(tmp_path / "rsa", server, key="rsa")
    settings.TSA_CA_FILE = str(other.root)
    entry = sealed()
    assert stamp_tree_heads() == 1
    assert (
        verify_ledger.check_bundle(sealing.bundle_for(entry), trust(other.root)).found["time_stamp"]["state"]
        == "stamped"
    )


def test_of_many_heads_the_newest_is_stamped_and_covers_the_others(client, authority, asked):
    first, second, third = sealed(), sealed(), sealed()
    assert stamp_tree_heads() == 3
    assert len(asked) == 1
    assert [bool(stamp.token) for stamp in TimeStamp.objects.order_by("head_id")] == [False, False, True]
    assert client.get("/api/v1/ledger/heads/4").json()["time_stamp"] == {"state": "covered", "size": 10}
    for entry in (first, second, third):
        bundle = sealing.bundle_for(entry)
        assert bundle["inclusion"]["size"] == 10
        assert verify_ledger.check_bundle(bundle, trust(authority.root)).found["time_stamp"]["state"] == "stamped"
    report = verify_ledger.check_export(exported(), trust(authority.root, needs_time_stamp=True))
    assert report.found["time_stamp"]["state"] == "stamped"


def test_the_authority_is_asked_only_so_often(stopped, asked):
    sealed()
    assert stamp_tree_heads() == 1
    sealed()
    assert stamp_tree_heads() == 0
    stopped.advance(seconds=61)
    assert stamp_tree_heads() == 1
    assert len(asked) == 2


def test_nothing_is_owed_where_no_authority_is_set(settings, asked):
    settings.TSA_URL = ""
    entry = sealed()
    assert not TimeStamp.objects.exists()
    assert stamp_tree_heads() == 0
    assert sealing.bundle_for(entry)["time_stamp"] == {"state": "none"}


def test_what_was_owed_stays_pending_when_the_authority_is_taken_away(settings, asked):
    entry = sealed()
    settings.TSA_URL = ""
    assert stamp_tree_heads() == 0
    assert sealing.is_time_stamp_pending(entry)
    assert asked == []


def test_an_authority_that_is_away_leaves_it_pending_then_given_up_then_tried_again(
    client, server, settings, authority, stopped, sign_in
):
    settings.TSA_URL = "http://127.0.0.1:9/"
    entry = sealed()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert stamp_tree_heads() == 0
        row = TimeStamp.objects.get()
        assert (row.attempts, row.last_error) == (attempt, "no answer: ConnectError")
        assert stamp_tree_heads() == 0  # it waits
        stopped.advance(hours=1)
    assert row.dead_at is not None
    assert sealing.is_time_stamp_pending(entry)
    assert state(client, 4) == "pending"
    administrator = sign_in(staff(StaffRole.ADMINISTRATOR))
    assert "no answer: ConnectError" in administrator.get("/admin/core/timestamp/?standing=dead").content.decode()
    settings.TSA_URL = authority.url
    assert stamp_tree_heads() == 0
    again = f"/admin/core/timestamp/{row.pk}/try-again/"
    assert sign_in(staff(StaffRole.REVIEWER)).post(again, {"_form_submitted": "true"}).status_code == 403
    assert administrator.post(again, {"_form_submitted": "true"}).status_code == 302
    assert LedgerEntry.objects.get(kind="time_stamp.retried").subject == "head_4"
    assert stamp_tree_heads() == 1
    assert state(client, 4) == "stamped"


def test_what_was_given_up_is_settled_by_a_later_head(stopped):
    sealed()
    TimeStamp.objects.update(due_at=None, dead_at=clock.now())
    sealed()
    assert stamp_tree_heads() == 2
    assert not TimeStamp.objects.dead().exists()


def refusal(server, tmp_path):
    return Authority(tmp_path / "refuses", server, digests="sha512")._answer


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda server, tmp_path: refusal(server, tmp_path), "refused by the authority: status 2"),
        (lambda server, tmp_path: sends(b"", 503), "the authority answered 503"),
        (lambda server, tmp_path: sends(b"", 302), "the authority answered 302"),
        (lambda server, tmp_path: sends(b"no"), "no time-stamp response"),
        (lambda server, tmp_path: sends(b"x" * (stamps.MAX_ANSWER_BYTES + 1)), "too large"),
        (
            lambda server, tmp_path: Authority(tmp_path / "other", server)._answer,
            "does not stand up to IPPRO_TSA_CA_FILE",
        ),
    ],
)
def test_what_is_no_good_time_stamp_is_not_kept(server, tmp_path, answer, said):
    made = answer(server, tmp_path)
    server.on("/stamp", made)
    entry = sealed()
    assert stamp_tree_heads() == 0
    row = TimeStamp.objects.get()
    assert said in row.last_error
    assert "127.0.0.1" not in row.last_error
    assert row.due_at is not None
    assert sealing.is_time_stamp_pending(entry)


def test_the_answer_to_another_question_is_not_kept(server, authority):
    sealed()
    stamp_tree_heads()
    old = bytes(TimeStamp.objects.get().token)
    server.on("/stamp", sends(old))
    with pytest.raises(stamps.NotStamped, match="Nonce mismatch"):
        stamps.ask(TreeHead.objects.get().note.encode())


def test_without_its_certificates_nothing_is_asked(settings, asked):
    settings.TSA_CA_FILE = ""
    sealed()
    assert stamp_tree_heads() == 0
    assert "IPPRO_TSA_CA_FILE" in TimeStamp.objects.get().last_error
    assert asked == []


def test_a_worker_that_dies_while_it_asks_leaves_it_due(monkeypatch, stopped):
    sealed()
    with monkeypatch.context() as killing:
        killing.setattr(stamps, "ask", lambda message: (_ for _ in ()).throw(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            stamp_tree_heads()
    assert stamp_tree_heads() == 0
    stopped.advance(seconds=LEASE.total_seconds() + 1)
    assert stamp_tree_heads() == 1


def test_two_answers_to_one_head_keep_the_first(monkeypatch, authority, stopped):
    sealed()
    ask, first = stamps.ask, []

    def twice(message):
        if not first:
            first.append(True)
            stopped.advance(seconds=LEASE.total_seconds() + 1)
            assert stamp_tree_heads() == 1
            first.append(bytes(TimeStamp.objects.get().token))
        return ask(message)

    monkeypatch.setattr(stamps, "ask", twice)
    assert stamp_tree_heads() == 0
    assert bytes(TimeStamp.objects.get().token) == first[1]


# --- the script has its own eyes ---------------------------------------------------------------------------


@pytest.fixture
def stamped():
    entry = sealed()
    stamp_tree_heads()
    return sealing.bundle_for(entry)


def test_a_token_for_another_head_is_refused(stamped, authority):
    other = authority.reply(_query(b"something else"))
    stamped["time_stamp"]["token"] = b64encode(other).decode()
    with pytest.raises(verify_ledger.Bad, match="something else than this tree head"):
        verify_ledger.check_bundle(stamped, verify_ledger.Trust())


def _query(message):
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    return TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA512).build().as_bytes()


def test_a_token_over_sha512_is_taken(stamped, authority):
    note = stamped["head"].encode()
    assert verify_ledger.check_time_stamp(
        authority.reply(_query(note)), note, trust(authority.root).authorities
    ).is_trusted


def test_an_authority_that_was_not_named_is_refused(stamped, server, tmp_path):
    other = Authority(tmp_path / "other", server)
    with pytest.raises(verify_ledger.Bad, match="none of the authorities that you named"):
        verify_ledger.check_bundle(stamped, trust(other.root))


def test_no_byte_of_a_token_can_be_changed_unseen(stamped, authority):
    """What says nothing may change: text that is not signed, such as the version or the name of a policy in it."""
    token, note = b64decode(stamped["time_stamp"]["token"]), stamped["head"].encode()
    named = trust(authority.root).authorities
    good = verify_ledger.check_time_stamp(token, note, named)
    for at in range(len(token)):
        wrong = token[:at] + bytes([token[at] ^ 0x01]) + token[at + 1 :]
        try:
            found = verify_ledger.check_time_stamp(wrong, note, named)
        except verify_ledger.Bad:
            continue
        assert found == good
    for cut in range(0, len(token), 7):
        with pytest.raises(verify_ledger.Bad):
            verify_ledger.check_time_stamp(token[:cut], note, named)
