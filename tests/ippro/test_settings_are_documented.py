"""docs/reference/settings.md is complete, and names nothing that is not read."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
READ = re.compile(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"")
ROW = re.compile(r"^\| `([A-Z_]+)` \|", re.MULTILINE)


def test_every_variable_that_is_read_stands_in_the_table_once():
    read = set(READ.findall((ROOT / "ippro" / "settings.py").read_text()))
    documented = ROW.findall((ROOT / "docs" / "reference" / "settings.md").read_text())
    assert sorted(documented) == sorted(read)


def test_the_values_for_production_that_the_guide_names_are_those_that_the_checks_accept():
    from tests.core.test_production_values_pass_the_checks import PRODUCTION

    guide = (ROOT / "docs" / "how-to" / "run-in-production.md").read_text()
    named = set(re.findall(r"^([A-Z_]+)=", guide, re.MULTILINE))
    assert set(PRODUCTION) <= named
    assert named - set(PRODUCTION) <= {"IPPRO_DATA_DIR", "IPPRO_STATIC_ROOT"}
