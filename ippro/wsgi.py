"""The WSGI entry point for web servers."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ippro.settings")
application = get_wsgi_application()

# Every address with what answers it, now and not in somebody's request. None of it ever becomes garbage: without this a
# full collection went through all of it again and again, and stopped the request that it fell on for 0.3 seconds.
get_resolver().url_patterns  # noqa: B018
gc.collect()
gc.freeze()
