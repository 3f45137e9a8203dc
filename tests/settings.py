"""The settings of the house as tests run them: a data folder of their own, no broker, the cache in the process."""

import os
import tempfile
from pathlib import Path

# One for each process that runs tests: a cache in files that one of them empties is not that of the others.
_folders = Path(os.environ.setdefault("IPPRO_TESTS_DIR", tempfile.mkdtemp(prefix="ippro-tests-")))
_mine = _folders / os.environ.get("PYTEST_XDIST_WORKER", "main")
_mine.mkdir(exist_ok=True)
os.environ["IPPRO_DATA_DIR"] = str(_mine)
os.environ.setdefault("CACHE_URL", "locmemcache://")
# What a test did shows at once; what is kept for some seconds has a test of its own.
os.environ.setdefault("IPPRO_FIGURES_KEPT_SECONDS", "0")
os.environ.pop("IPPRO_DEMO", None)

from ippro.settings import *  # noqa: E402, F403

# What is slow on purpose, or done once when a program starts, is done thousands of times by a suite.
PASSWORD_HASHERS = ["tests.hashers.QuickScryptHasher"]
# Static files are looked for when they are asked for, not listed at the beginning for each client.
WHITENOISE_AUTOREFRESH = True
