"""What the tests of whole processes share: the pictures of the demo, drawn once."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def pictures() -> Iterator[Path]:
    """A folder in which the first demo leaves its pictures for the others."""
    folder = Path(tempfile.mkdtemp(prefix="ippro-pictures-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
