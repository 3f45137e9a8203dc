"""A PostgreSQL of the tests' own: made in a temporary folder, reached through a socket in it, gone afterwards."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {
    "listen_addresses": "''",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "unix_socket_permissions": "0777",
    "timezone": "UTC",
}
#: a test's data outlives nothing: no reason to wait for a disk
CARELESS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NoPostgres(Exception):
    """There is no PostgreSQL server on this computer, or it does not start."""


@contextmanager
def throw_away_cluster(*, durable: bool = False) -> Iterator[str]:
    """A running server; yields the DATABASE_URL. Raises NoPostgres.

    `durable` waits for the disk at each commit, as production does: for benchmarks.
    """
    binaries = _binaries()
    user = _unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="ippro-pg-", dir="/tmp"))  # the path of a socket is short
    try:
        if user:
            shutil.chown(folder, user.pw_name)
        folder.chmod(0o755)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}

        def run(*command: str) -> None:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}, **as_user,
            )  # fmt: skip
            if done.returncode:
                raise NoPostgres(f"{command[0]}: {done.stderr.strip() or done.stdout.strip()}")

        data = str(folder / "data")
        run(
            str(binaries / "initdb"),
            "-D",
            data,
            "-U",
            "ippro",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        settings = SETTINGS | ({} if durable else CARELESS)
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = str(folder / "log")
        run(str(binaries / "pg_ctl"), "-D", data, "-w", "-s", "-l", log, "-o", f"{options} -k {folder}", "start")
        try:
            run(str(binaries / "createdb"), "-h", str(folder), "-U", "ippro", "ippro")
            yield f"postgresql://ippro@/ippro?host={folder}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", data, "-w", "-s", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """Where the newest server is; Debian keeps it off the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise NoPostgres("there is no PostgreSQL server here")
    return found[-1].parent if found else Path(on_path or "").resolve().parent


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL does not run as root: somebody else then."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise NoPostgres("PostgreSQL does not run as root, and there is no user postgres or nobody")
