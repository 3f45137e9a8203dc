"""A CSV file is drawn line by line when its request is over, and still in the language of who asked for it."""

from django.utils import translation
from django.utils.translation import gettext as _

from core.spreadsheet import as_csv


def test_each_row_is_drawn_in_the_language_in_which_the_file_was_asked_for():
    with translation.override("zh-hans"):
        expected = _("Sign in")
        lines = as_csv([_("Sign in")] for _row in range(2))
    with translation.override("en"):
        drawn = list(lines)
        assert _("Sign in") == "Sign in"
    assert drawn[1:] == [f"{expected}\r\n"] * 2
    assert expected != "Sign in"
