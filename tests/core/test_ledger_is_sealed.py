"""Entries get leaves without gaps, whatever their keys; heads are signed; killed anywhere, nothing is half sealed."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from core import clock, ledger, merkle, notes, sealing, verify_ledger
from core.models import LedgerEntry, LedgerLeaf, LedgerNode, TreeHead
from core.tasks import seal_ledger, seal_what_was_late, seal_what_was_left
from tests.core.ledger_book import by_hand, exported, fault, sealed_lines, written

pytestmark = pytest.mark.django_db


def leaves() -> list[tuple[int, int]]:
    return list(LedgerLeaf.objects.order_by("index").values_list("index", "entry_id"))


def test_entries_become_leaves_in_order_after_the_one_that_introduces_the_key():
    entries = written(5)
    assert sealing.seal() == 6
    key = LedgerEntry.objects.get(kind=sealing.KEY_KIND)
    assert leaves() == list(enumerate([entry.pk for entry in [*entries, key]]))
    head = TreeHead.objects.get()
    assert head.size == 6
    own = verify_ledger.Tree()
    for leaf in LedgerLeaf.objects.order_by("index"):
        own.append(verify_ledger.leaf_of(sealing.described(leaf.entry, leaf.index)))
    assert head.root_hash == own.root().hex()
    [read] = [verify_ledger.Key.read(key) for key in sealing.public_keys()]
    assert verify_ledger.Head.read(head.note, [read]).root == own.root()
    assert verify_ledger.Head.read(head.note, [read]).at == notes.in_utc(head.at)


def test_what_is_sealed_is_sealed_once_and_without_anything_new_nothing_happens():
    written(3)
    assert seal_ledger() == 4
    assert seal_ledger() == seal_what_was_late() == sealing.seal() == 0
    assert TreeHead.objects.count() == 1
    written(2)
    assert seal_ledger() == 2
    assert [head.size for head in TreeHead.objects.all()] == [6, 4]


def test_a_large_backlog_is_sealed_in_several_heads():
    written(7)
    assert [sealing.seal(3), sealing.seal(3), sealing.seal(3)] == [3, 3, 2]
    assert [head.size for head in TreeHead.objects.order_by("size")] == [3, 6, 8]
    assert fault() is None


def test_gaps_in_the_keys_are_none_in_the_leaves():
    written(2)
    with transaction.atomic():
        ledger.record(kind="test.done", subject="cmp_1")
        transaction.set_rollback(True)
    LedgerEntry.objects.create(pk=1000, at=clock.now(), kind="far", subject="s", actor="system", payload_hash="0" * 64)
    sealing.seal()
    assert [index for index, _entry in leaves()] == [0, 1, 2, 3]


def test_an_entry_that_was_committed_late_gets_the_next_leaf():
    def entry(pk):
        nothing = ledger.payload_hash({})
        LedgerEntry.objects.create(pk=pk, at=clock.now(), kind="k", subject="s", actor="system", payload_hash=nothing)

    newest, late, very_late, lost = 400_010, 400_000, 300_000, 7
    entry(newest)
    sealing.seal()
    entry(late)
    assert sealing.seal() == 1
    entry(very_late)
    assert sealing.seal() == 0
    assert seal_what_was_late() == 1
    entry(lost)
    assert seal_what_was_late() == 0
    assert sealing.unsealed_count() == 1
    assert seal_what_was_left() == 1
    assert [pk for _index, pk in leaves() if pk <= newest][-4:] == [newest, late, very_late, lost]
    assert fault() is None


@pytest.mark.parametrize(
    "step", ["LedgerLeaf.objects.bulk_create", "LedgerNode.objects.bulk_create", "_sign", "stamps.owe"]
)
def test_killed_at_any_step_nothing_is_half_sealed(monkeypatch, step):
    written(5)
    sealing.seal()
    before = leaves(), TreeHead.objects.count(), LedgerNode.objects.count()
    written(5)
    with monkeypatch.context() as killing:
        killing.setattr(f"core.sealing.{step}", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            sealing.seal()
    assert (leaves(), TreeHead.objects.count(), LedgerNode.objects.count()) == before
    assert sealing.seal() == 5
    assert fault() is None
    assert sealing.first_wrong_node() is None


@pytest.mark.parametrize("model", [LedgerLeaf, LedgerNode, TreeHead])
def test_seals_are_never_changed_or_deleted(model):
    written(3)
    sealing.seal()
    column = "root_hash" if model is TreeHead else "hash"
    for change in (
        lambda: model.objects.update(**{column: "0" * 64}),
        lambda: model.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
            change()


def test_the_tree_goes_on_for_ever_and_every_size_is_consistent_with_every_later_one():
    for count in (1, 2, 5, 8, 1, 3):
        written(count)
        sealing.seal()
    heads = list(TreeHead.objects.order_by("size"))
    for first in heads:
        for second in heads[heads.index(first) :]:
            assert merkle.proves_consistency(
                first=first.size,
                second=second.size,
                first_root=bytes.fromhex(first.root_hash),
                second_root=bytes.fromhex(second.root_hash),
                path=sealing.consistency_proof(first=first.size, second=second.size),
            )


def test_a_proof_takes_few_queries(django_assert_max_num_queries):
    written(100)
    sealing.seal()
    with django_assert_max_num_queries(3):
        sealing.inclusion_proof(index=37, size=99)


# --- keys --------------------------------------------------------------------------------------------------


def test_after_a_rotation_old_heads_are_checked_with_the_old_key_and_new_ones_with_the_new(settings):
    written(2)
    sealing.seal()
    settings.LEDGER_SIGNING_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    written(2)
    assert sealing.seal() == 3
    old, new = [verify_ledger.Key.read(key) for key in sealing.public_keys()]
    first, second = TreeHead.objects.order_by("size")
    assert verify_ledger.Head.read(first.note, [old, new]).key == old
    assert verify_ledger.Head.read(second.note, [old, new]).key == new
    with pytest.raises(verify_ledger.Bad, match="signature"):
        verify_ledger.Head.read(second.note, [old])
    assert verify_ledger.check_export(exported(), verify_ledger.Trust(keys=(new,))).found["head"]["key_was_named"]
    with pytest.raises(verify_ledger.Bad, match="none of the keys that you named"):
        verify_ledger.check_export(exported(), verify_ledger.Trust(keys=(old,)))


def test_a_new_first_secret_is_a_new_key_and_nothing_is_lost(settings):
    written()
    sealing.seal()
    settings.SECRET_KEYS = ["a new secret of the installation", *settings.SECRET_KEYS]
    written()
    sealing.seal()
    assert len(sealing.public_keys()) == 2
    assert fault() is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LEDGER_SIGNING_KEY", "too short"),
        ("LEDGER_SIGNING_KEY", "c2hvcnQ="),
        ("LEDGER_ORIGIN", "two words"),
        ("LEDGER_ORIGIN", ""),
    ],
)
def test_without_a_usable_key_nothing_is_sealed(settings, name, value):
    setattr(settings, name, value)
    written()
    with pytest.raises(notes.UnusableKey, match=f"IPPRO_{name}"):
        sealing.seal()
    assert not TreeHead.objects.exists()


# --- what goes with a certificate --------------------------------------------------------------------------


def test_a_bundle_is_there_once_the_entry_is_sealed_and_says_no_payload_unless_asked():
    [entry, _other] = written(2)
    assert sealing.bundle_for(entry) is None
    sealing.seal()
    bundle = sealing.bundle_for(entry)
    assert "payload" not in bundle["entry"]
    assert verify_ledger.check_bundle(bundle, verify_ledger.Trust()).found["entry"]["subject"] == entry.subject
    assert sealing.bundle_for(entry, payload=True)["entry"]["payload"] == entry.payload
    assert bundle["time_stamp"] == {"state": "none"}
    assert not sealing.is_time_stamp_pending(entry)


def test_the_bundle_of_an_old_entry_stays_the_same():
    [entry] = written()
    sealing.seal()
    before = sealing.bundle_for(entry)
    written(9)
    sealing.seal()
    assert sealing.bundle_for(entry) == before


def test_an_entry_is_found_by_what_it_is_about():
    [first, _second] = written(2)
    assert sealing.entry_about(subject="cmp_0", kind="test.done") == first
    assert sealing.entry_about(subject="cmp_9", kind="test.done") is None


# --- somebody changes the database -------------------------------------------------------------------------


def test_a_sound_ledger_is_verified(capsys):
    sealed_lines()
    call_command("ledger_verify")
    said = capsys.readouterr().out
    assert "All 13 entries are what was sealed" in said
    assert "0 entries are not sealed yet" in said


@pytest.mark.parametrize(
    ("change", "index", "what"),
    [
        ("UPDATE core_ledgerentry SET actor = 'usr_other' WHERE id = %s", 6, "not what was sealed"),
        ('UPDATE core_ledgerentry SET payload = \'{"said": "else"}\' WHERE id = %s', 6, "payload"),
        ("UPDATE core_ledgerentry SET payload_hash = kind WHERE id = %s", 6, "payload"),
        ("DELETE FROM core_ledgerleaf WHERE entry_id = %s", 6, "missing"),
    ],
)
def test_the_first_entry_that_was_changed_is_named(change, index, what):
    sealed_lines()
    by_hand(change, LedgerLeaf.objects.get(index=index).entry_id)
    assert fault()[0] == index
    assert what in fault()[1]
    with pytest.raises(CommandError, match=f"Entry {index}: .*{what}"):
        call_command("ledger_verify")


def test_whoever_changes_an_entry_and_its_leaf_is_found_by_the_signature():
    sealed_lines()
    leaf = LedgerLeaf.objects.get(index=6)
    by_hand("UPDATE core_ledgerentry SET actor = 'usr_other' WHERE id = %s", leaf.entry_id)
    leaf.entry.refresh_from_db()
    by_hand(
        'UPDATE core_ledgerleaf SET hash = %s WHERE "index" = 6',
        sealing.leaf_hash(leaf.entry, 6).hex(),
    )
    assert fault() == (
        5,
        "one of the entries 5 to 8 is not what was sealed: "
        "they do not lead to the root that was signed for 9 entries (line 12)",
    )


def test_a_wrong_subtree_is_found():
    sealed_lines()
    place = merkle.position(1, 2)
    by_hand("UPDATE core_ledgernode SET hash = %s WHERE position = %s", "0" * 64, place)
    with pytest.raises(CommandError, match=f"position {place} is wrong"):
        call_command("ledger_verify")


def test_an_entry_keeps_the_time_to_the_microsecond(stopped):
    stopped.set(clock.now() + timedelta(microseconds=7))
    [entry] = written()
    sealing.seal()
    entry.refresh_from_db()
    assert sealing.bundle_for(entry)["entry"]["at"] == "2026-03-03T12:00:00.000007Z"


def test_a_payload_is_hashed_as_it_is_read_later():
    with transaction.atomic():
        entry = ledger.record(kind="k", subject="s", payload={"执": {10: "a", 9: "b"}, "n": [1.0, None, True, 0.1]})
    entry.refresh_from_db()
    assert ledger.payload_hash(entry.payload) == entry.payload_hash
