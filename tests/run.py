"""`make test`: puts in place what the suite needs, then runs it on SQLite and again on PostgreSQL.

What cannot be had here is said, the tests that need it are left out, and the end says how many those were.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.postgres import NoPostgres, throw_away_cluster

ROOT = Path(__file__).resolve().parent.parent
#: what Debian calls it, and what tells that it is there
PACKAGES = {"chromium": "chromium", "postgresql": "/usr/lib/postgresql"}
#: these drive whole processes that always run on SQLite, or show what no database has a say in
ONLY_ONCE = "not browser and not crash and not vendure and (postgresql or not once)"
#: workers; while the first run waits for a browser or for programs that were killed, there is work for one more
WORKERS = {"SQLite": "3", "PostgreSQL": "2"}
#: the first run looks for a way of steps that breaks a rule; the second shows that its database keeps to it too
SECOND = ("-m", ONLY_ONCE, "--hypothesis-profile", "few")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make test", description=__doc__)
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="run the suite on one database")
    parser.add_argument("rest", nargs="*", help="arguments for pytest")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    install_what_is_missing()
    results: dict[str, int] = {}
    with tempfile.TemporaryDirectory(prefix="ippro-statements-") as folder:
        # Only where both follow one another does the second know what the first sent.
        sent = {} if arguments.only else {"IPPRO_TESTS_STATEMENTS": folder}
        if arguments.only != "postgresql":
            results["SQLite"] = suite("SQLite", arguments.rest, sent)
        if arguments.only != "sqlite":
            results["PostgreSQL"] = on_postgresql([*SECOND, *arguments.rest], sent)
    for name, status in results.items():
        say(f"{name}: {'passed' if status == 0 else f'failed ({status})'}")
    return next((status for status in results.values() if status), 0)


def on_postgresql(arguments: list[str], env: dict[str, str]) -> int:
    """The suite on a PostgreSQL of its own; its exit status. Where there is none, CI fails and others are told."""
    try:
        with throw_away_cluster() as url:
            return suite("PostgreSQL", arguments, {"DATABASE_URL": url, **env})
    except NoPostgres as missing:
        say(f"The suite was not run on PostgreSQL: {missing}")
        return 1 if os.environ.get("CI") else 0


def suite(name: str, arguments: list[str], env: dict[str, str]) -> int:
    """The suite on one database; its exit status. Tests of one module share a worker, and what the module started."""
    say(f"The suite on {name}")
    # Test modules take seconds to compile: the workers of the second run find that done.
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    status = subprocess.call(
        [sys.executable, "-m", "pytest", "-q", "-n", WORKERS[name], "--dist", "loadscope", "--no-loadscope-reorder", *arguments],
        env={**kept, **env}, cwd=ROOT,
    )  # fmt: skip
    say(f"{name}: {time.monotonic() - started:.0f} s")
    return status


def install_what_is_missing() -> None:
    """On Debian as root, install the browser and the database server; elsewhere say what is missing."""
    missing = [p for p, there in PACKAGES.items() if not (shutil.which(there) or Path(there).exists())]
    if not missing:
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        say(
            f"Not here: {', '.join(missing)}. What needs it is left out; on Debian: apt-get install {' '.join(missing)}"
        )
        return
    say(f"Installing {', '.join(missing)}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.call(["apt-get", "update", "-qq"], env=quiet, stdin=subprocess.DEVNULL)
    done = subprocess.call(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
        env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    if done:
        say(f"Could not be installed: {', '.join(missing)}. What needs it is left out.")


def say(line: str) -> None:
    print(f"\n=== {line}", flush=True)  # noqa: T201 what a person at a terminal reads


if __name__ == "__main__":
    sys.exit(main())
