"""The settings of the house as tests run them: a data folder of their own, no broker, the cache in the process."""

import os
import tempfile

os.environ.setdefault("IPPRO_DATA_DIR", tempfile.mkdtemp(prefix="ippro-tests-"))
os.environ.setdefault("CACHE_URL", "locmemcache://")
os.environ.pop("IPPRO_DEMO", None)

from ippro.settings import *  # noqa: F403

# What is slow on purpose, or done once when a program starts, is done thousands of times by a suite.
PASSWORD_HASHERS = ["tests.hashers.QuickScryptHasher"]
# Static files are looked for when they are asked for, not listed at the beginning for each client.
WHITENOISE_AUTOREFRESH = True
