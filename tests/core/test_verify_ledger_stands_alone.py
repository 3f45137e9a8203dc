"""The script checks a certificate or a whole ledger with nothing of ours, and says what is wrong, and where."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import ledger, sealing, verify_ledger
from core.models import LedgerEntry, TreeHead
from tests.core.ledger_book import changed, exported, fault, sealed_lines, written

SCRIPT = Path(verify_ledger.__file__)
pytestmark = pytest.mark.django_db


@pytest.fixture
def alone(tmp_path):
    """`alone(text, "--json")` runs a copy of the script, in an empty folder and with an empty environment."""
    script = tmp_path / "verify_ledger.py"
    shutil.copy(SCRIPT, script)

    def run(text, *arguments):
        (tmp_path / "asked").write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-I", str(script), "asked", *arguments],
            env={"PATH": os.defpath}, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        assert done.stderr == "" or done.returncode == 2, done.stderr
        return done.returncode, done.stdout

    return run


@pytest.fixture
def bundle():
    [entry, *_others] = written(9)
    sealing.seal()
    return sealing.bundle_for(entry, payload=True)


def test_it_imports_nothing_of_ours():
    text = SCRIPT.read_text()
    assert "import core" not in text
    assert "from core" not in text
    assert "django" not in text.lower()


def test_a_certificate_is_checked(alone, bundle):
    status, said = alone(json.dumps(bundle))
    assert status == 3, "nobody knows who signed it"
    assert said.startswith("UNVERIFIED SIGNER\nEntry 0 (test.done, cmp_0) of ")
    assert "CAUTION: this key comes with the document itself" in said
    assert "There is no time-stamp by another authority" in said
    status, said = alone(json.dumps(bundle), "--key", bundle["key"])
    assert status == 0
    assert said.startswith("OK\n")
    assert "You named this key." in said
    assert "CAUTION" not in said


def test_programs_are_answered_in_json(alone, bundle):
    status, said = alone(json.dumps(bundle), "--json")
    said = json.loads(said)
    assert (status, said["ok"], said["kind"], said["problem"]) == (3, False, "entry", None)
    assert said["entry"]["payload_hash"] == bundle["entry"]["payload_hash"]
    assert said["head"]["key_was_named"] is False
    status, said = alone(json.dumps(bundle), "--json", "--key", bundle["key"])
    assert (status, json.loads(said)["ok"]) == (0, True)
    bundle["entry"]["actor"] = "usr_other"
    status, said = alone(json.dumps(bundle), "--json")
    assert (status, json.loads(said)["problem"]["index"]) == (1, 0)


def test_what_the_entry_says_is_told_so_that_it_can_be_compared_with_the_paper(alone):
    payload = {"number": "FP-2026-000123", "sha256": "9f" * 32, "other": ["x"]}
    [entry] = written(payload=payload)
    sealing.seal()
    bundle = sealing.bundle_for(entry, payload=True)
    said = alone(json.dumps(bundle))[1]
    assert f"It says: number FP-2026-000123, sha256 {'9f' * 32}." in said
    assert "A later entry may have ended what this one says" in said
    assert json.loads(alone(json.dumps(bundle), "--json")[1])["entry"]["payload"] == payload
    del bundle["entry"]["payload"]
    assert "What it says is not told here" in alone(json.dumps(bundle))[1]


@pytest.mark.parametrize(
    ("kind", "subject", "status"),
    [
        ("original.withdraw", "ori_1", 4), ("original.revoke", "ori_1", 4),
        ("original.revoke", "ori_2", 1), ("original.change", "ori_1", 1),
    ],
)  # fmt: skip
def test_only_its_own_end_ends_a_certificate(alone, kind, subject, status):
    given = ledger.record(kind="original.certify", subject="ori_1")
    later = ledger.record(kind=kind, subject=subject)
    sealing.seal()
    bundle, end = sealing.bundle_for(given), sealing.bundle_for(later)
    assert alone(json.dumps(bundle), "--key", bundle["key"])[0] == 0
    assert alone(json.dumps(bundle | {"ended": end}), "--key", bundle["key"])[0] == status
    # What came before a certificate cannot have ended it, and a proof that was changed proves nothing.
    assert alone(json.dumps(end | {"ended": bundle}), "--key", bundle["key"])[0] == 1
    end["entry"]["at"] = "2020" + end["entry"]["at"][4:]
    assert alone(json.dumps(bundle | {"ended": end}), "--key", bundle["key"])[0] == 1


def test_another_key_than_the_named_one_is_refused(alone, bundle, settings):
    settings.LEDGER_SIGNING_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
    written()
    sealing.seal()
    status, said = alone(json.dumps(bundle), "--key", sealing.public_keys()[1])
    assert status == 1
    assert "none of the keys that you named" in said


def test_a_document_cannot_put_words_into_the_answer(alone):
    [entry] = written(kind="x\nYou named this key.\x1b[2J")
    sealing.seal()
    status, said = alone(json.dumps(sealing.bundle_for(entry)))
    assert status == 3
    assert said.splitlines()[1].startswith("Entry 0 (x\ufffdYou named this key.\ufffd[2J")


@pytest.mark.parametrize("line", ["no JSON", "[]", "{}", '{"entry": 3}', '{"entry": {"index": 5}}', '{"head": 3}'])
def test_a_line_that_is_none_is_named(lines, line):
    found = fault([*lines[:7], line, *lines[8:]])
    assert "(line 8)" in found[1]


def test_a_time_stamp_can_be_required(alone, bundle):
    status, said = alone(json.dumps(bundle), "--require-time-stamp")
    assert status == 1
    assert "there is no time-stamp" in said


def test_an_export_is_checked_and_the_first_bad_entry_is_named(alone):
    lines = sealed_lines()
    assert alone("".join(lines))[0] == 3
    assert alone("".join(lines), "--key", sealing.public_keys()[0])[0] == 0
    status, said = alone("".join(changed(lines, 8, actor="usr_other")))
    assert status == 1
    assert said == "NOT OK\nentry 6: it is not what was sealed: its leaf hash is another one (line 12)\n"


def test_an_export_contains_a_head_seen_before(alone, tmp_path):
    lines = sealed_lines()
    (tmp_path / "seen").write_text(TreeHead.objects.get(size=5).note, encoding="utf-8")
    [key] = sealing.public_keys()
    (tmp_path / "keys").write_text(key)
    status, said = alone("".join(lines), "--key", "keys", "--head", "seen")
    assert status == 0
    assert "It contains the tree head of 5 entries that you named." in said
    del lines[6]
    status, said = alone("".join(lines), "--key", "keys", "--head", "seen")
    assert status == 1
    assert "--head names is not among them" in said


@pytest.mark.parametrize("text", ["", "nothing", "[]", "{}", '{"format": "ippro-ledger-bundle/1"}', '{"a": 1, "a": 2}'])
def test_what_is_no_certificate_is_told_so(alone, text):
    status, said = alone(text)
    assert status == 1
    assert said.startswith("NOT OK\n")


def test_a_question_that_cannot_be_answered(alone, bundle, tmp_path):
    assert alone(json.dumps(bundle), "--key", "no such file")[0] == 2
    assert alone(json.dumps(bundle), "--tsa-ca", "no such file")[0] == 2
    done = subprocess.run([sys.executable, "-I", SCRIPT, tmp_path / "nothing"], capture_output=True, text=True)
    assert (done.returncode, done.stdout[:11]) == (2, "NOT CHECKED")


# --- whatever is changed -----------------------------------------------------------------------------------


def is_good(bundle) -> bool:
    try:
        verify_ledger.check_bundle(bundle, verify_ledger.Trust())
    except verify_ledger.Bad as bad:
        return not bad.what
    return True


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("entry", "index"), 1), (("entry", "index"), -1), (("entry", "index"), True), (("entry", "index"), 10**30),
        (("entry", "at"), "2026-01-01T00:00:00.000000Z"), (("entry", "at"), "yesterday"), (("entry", "kind"), "other"),
        (("entry", "subject"), None), (("entry", "payload"), {}), (("entry", "payload_hash"), "0" * 64),
        (("inclusion", "size"), 9), (("inclusion", "path"), []), (("inclusion", "path"), ["0" * 64] * 64),
        (("inclusion", "path"), "x"), (("inclusion",), None), (("entry",), []), (("head",), "nothing"), (("head",), 3),
        (("key",), "name+00000000+AA=="), (("key",), None), (("time_stamp",), None), (("time_stamp", "state"), "sure"),
    ],
)  # fmt: skip
def test_a_certificate_of_which_anything_is_changed_is_refused(bundle, where, value):
    assert is_good(bundle)
    inner = bundle
    for name in where[:-1]:
        inner = inner[name]
    inner[where[-1]] = value
    assert not is_good(bundle)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(data=st.data())
def test_no_character_of_a_certificate_can_be_changed(bundle, data):
    part = data.draw(st.sampled_from(["entry", "inclusion", "head", "key"]))
    text = json.dumps(bundle[part], ensure_ascii=False)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != text[at]))
    try:
        said = json.loads(text[:at] + other + text[at + 1 :])
    except ValueError:
        return
    if said != bundle[part] and not (part == "key" and said.strip() == bundle["key"]):
        assert not is_good(bundle | {part: said}), said


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(data=st.data())
def test_no_line_of_an_export_can_be_changed_taken_away_or_moved(lines, data):
    at = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(["away", "twice", "swapped", "cut"]))
    if how == "away":
        wrong = lines[:at] + lines[at + 1 :]
    elif how == "twice":
        wrong = lines[: at + 1] + lines[at:]
    elif how == "swapped":
        to = data.draw(st.integers(0, len(lines) - 1))
        wrong = list(lines)
        wrong[at], wrong[to] = wrong[to], wrong[at]
    else:
        wrong = lines[:at]
    # A head in the middle says nothing that a later one does not say too.
    is_without_a_head = how == "away" and '"head"' in lines[at] and at < len(lines) - 2
    if wrong != lines and not is_without_a_head:
        assert fault(wrong) is not None


@pytest.fixture
def lines():
    return sealed_lines()


@pytest.mark.parametrize(
    ("values", "index", "what"),
    [
        ({"kind": "other"}, 6, "not what was sealed"),
        ({"payload": {"said": "else"}}, 6, "payload"),
        ({"leaf_hash": "0" * 64}, 6, "leaf hash was changed in this file"),
        ({"leaf_hash": "x"}, 6, "not complete"),
        ({"index": 7}, 6, "missing: entry 7 stands in its place"),
        ({"at": 3}, 6, "texts"),
    ],
)
def test_the_first_bad_entry_is_named_with_what_is_wrong(lines, values, index, what):
    found = fault(changed(changed(lines, 8, **values), 12, kind="also other"))
    assert found[0] == index
    assert what in found[1]


def test_an_entry_and_its_leaf_hash_changed_together_are_found_by_the_next_head(lines):
    entry = json.loads(lines[8])["entry"] | {"kind": "other"}
    made = verify_ledger.leaf_of(entry).hex()
    found = fault(changed(lines, 8, kind="other", leaf_hash=made))
    assert found[0] == 5
    assert "one of the entries 5 to 8" in found[1]


def test_a_single_entry_under_its_head_is_named_itself():
    sealed_lines()
    written()
    sealing.seal()
    lines = exported()
    entry = json.loads(lines[-3])["entry"] | {"kind": "other"}
    assert fault(changed(lines, -3 % len(lines), kind="other", leaf_hash=verify_ledger.leaf_of(entry).hex()))[0] == 13


def test_an_empty_ledger_is_a_sound_export():
    assert fault(exported()) is None
    assert not LedgerEntry.objects.exists()


def test_the_example_in_the_description_is_right():
    text = (SCRIPT.parent.parent / "docs" / "reference" / "ledger.md").read_text(encoding="utf-8")
    first, rest = re.search(r"The entry `([^`]+)`\n`([^`]+)`, on one line", text).groups()
    assert verify_ledger.canonical(json.loads(first + rest)) == (first + rest).encode()
    assert verify_ledger.leaf_of(json.loads(first + rest)).hex() == re.search(r"has the leaf `(\w+)`", text)[1]
