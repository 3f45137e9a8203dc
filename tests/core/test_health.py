"""Whether a process is up, and whether everything it needs is there."""

import pytest
from django.core.files.storage import FileSystemStorage

from core import append_only, health


@pytest.fixture(autouse=True)
def anew(settings, tmp_path):
    """Each test looks for itself, at a broker that is there and a storage of its own."""
    settings.CELERY_BROKER_URL = "memory://"
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "files"), "base_url": None},
        }
    }
    health.forget()
    yield
    health.forget()


def test_a_process_that_is_up_says_so_without_asking_the_database(client):
    # No database is allowed in this test.
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b"ok\n"


@pytest.mark.django_db
def test_everything_is_there(client, tmp_path):
    answer = client.get("/readyz")
    assert answer.status_code == 200, answer.content
    parts = answer.json()["parts"]
    assert set(parts) == {"database", "migrations", "ledger", "broker", "cache", "storage"}
    assert all(part["ready"] for part in parts.values())
    assert answer.json()["degraded"] == []
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def missing(client, part: str) -> str:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert [name for name, said in answer.json()["parts"].items() if not said["ready"]] == [part]
    return answer.json()["parts"][part]["reason"]


@pytest.mark.django_db
def test_a_broker_that_is_away_is_told_and_takes_nobody_out_of_service(client, settings, tmp_path):
    settings.CELERY_BROKER_URL = f"redis+socket://{tmp_path}/none.sock?password=hunter2"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["degraded"] == ["broker"]
    assert not answer.json()["parts"]["broker"]["ready"]
    assert b"hunter2" not in answer.content


@pytest.mark.django_db
def test_a_storage_that_cannot_be_written(client, tmp_path):
    (tmp_path / "files").write_text("not a folder")
    assert missing(client, "storage") in ("NotADirectoryError", "FileExistsError")


@pytest.mark.django_db
def test_the_storage_is_not_written_at_each_look(monkeypatch):
    saved = []
    save = FileSystemStorage.save
    monkeypatch.setattr(FileSystemStorage, "save", lambda *args: saved.append(args) or save(*args))
    for _ in range(5):
        assert health.look()["parts"]["storage"]["ready"]
    assert len(saved) == 1


@pytest.mark.django_db
def test_a_migration_that_is_not_applied(client):
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    [newest] = executor.loader.graph.leaf_nodes("core")
    executor.recorder.record_unapplied(*newest)
    assert missing(client, "migrations") == "1 not applied"


@pytest.mark.django_db
def test_a_ledger_without_its_protection(client):
    from django.db import connection

    append_only.release(connection, "core_ledgerentry")
    assert missing(client, "ledger") == "can be changed"


@pytest.mark.django_db
def test_answers_are_remembered_for_a_moment(client, settings):
    assert client.get("/readyz").json()["degraded"] == []
    settings.CELERY_BROKER_URL = "redis+socket:///nowhere"
    assert client.get("/readyz").json()["degraded"] == []
    health.forget()
    assert client.get("/readyz").json()["degraded"] == ["broker"]
