"""The reference of states says what the tables say."""

import pytest
from django.core.management import CommandError, call_command

from complaints.lifecycle import LIFECYCLE
from ippro.management.commands import describe_states


def test_the_page_is_current():
    call_command("describe_states", "--check")


def test_a_page_that_is_out_of_date_is_said_and_written_anew(tmp_path, settings, monkeypatch, capsys):
    settings.BASE_DIR = tmp_path
    page = tmp_path / "states.md"
    monkeypatch.setattr(describe_states, "PAGE", page)
    with pytest.raises(CommandError, match="out of date"):
        call_command("describe_states", "--check")
    call_command("describe_states")
    call_command("describe_states", "--check")
    assert LIFECYCLE.as_mermaid() in page.read_text()
