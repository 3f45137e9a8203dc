"""The page of the patterns is what the registry says."""

from django.core.management import call_command

from complaints.abuse.patterns import PATTERNS
from complaints.management.commands import describe_abuse


def test_the_page_is_current():
    call_command("describe_abuse", "--check")


def test_it_names_every_pattern():
    page = describe_abuse.describe()
    assert all(f"`{code}`" in page for code in PATTERNS)
