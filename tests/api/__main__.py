"""`make fuzz`: schemathesis as every caller, each for its share of the time; fails if one of them finds a fault."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TEST = "tests/api/test_no_caller_finds_a_fault.py"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=15, help="for all callers together")
    parser.add_argument("--as", dest="callers", action="append", help="one caller, as the test names them")
    said = parser.parse_args()
    callers = said.callers or _callers()
    env = {**os.environ, "FUZZ_SECONDS": str(max(10, int(said.minutes * 60 / len(callers))))}
    tests = [f"{TEST}::test_no_caller_finds_a_fault[{caller}]" for caller in callers]
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-q", "--show-capture=no", "--durations=0", *tests], env=env, cwd=ROOT
    )


def _callers() -> list[str]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from tests.api.callers import CALLERS

    return list(CALLERS)


if __name__ == "__main__":
    sys.exit(main())
