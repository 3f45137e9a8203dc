"""Settings, all from the environment; with none set, the embedded default runs.

The table of every variable stands in docs/reference/settings.md. Nothing here reads a file but the
secret that the embedded default makes for itself in the data folder.
"""

import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DATA_DIR = Path(env.str("IPPRO_DATA_DIR", default=str(BASE_DIR / ".data"))).resolve()
DEBUG = env.bool("IPPRO_DEBUG", default=False)
# The demo world: mail page, demo logins with their second factor shown, movable clock.
DEMO = env.bool("IPPRO_DEMO", default=False)
CLOCK_CAN_MOVE = DEMO


def _embedded_secret() -> str:
    """The secret of an installation that was given none: made once, kept in the data folder."""
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    path = DATA_DIR / "secret.key"
    try:
        with path.open("x") as new:
            path.chmod(0o600)
            new.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text().strip()


# First key signs and encrypts, the others still verify and decrypt: rotate by putting a new one in front.
SECRET_KEYS: list[str] = env.list("IPPRO_SECRET_KEYS", default=[])
SECRETS_ARE_GIVEN = bool(SECRET_KEYS)
SECRET_KEYS = SECRET_KEYS or [_embedded_secret()]
SECRET_KEY = SECRET_KEYS[0]
SECRET_KEY_FALLBACKS = SECRET_KEYS[1:]

BASE_URL = env.str("IPPRO_BASE_URL", default="http://localhost:8000").rstrip("/")
# Names the ledger in every signed tree head, beside the key.
LEDGER_ORIGIN = env.str("IPPRO_LEDGER_ORIGIN", default=f"{urlsplit(BASE_URL).netloc}/ledger")
# Signs tree heads; without one a key is derived from the first secret (core/notes.py).
LEDGER_SIGNING_KEY = env.str("IPPRO_LEDGER_SIGNING_KEY", default="")
# A time-stamp authority countersigns tree heads, at most so often; its root certificates are a file in PEM.
TSA_URL = env.str("IPPRO_TSA_URL", default="")
TSA_CA_FILE = env.str("IPPRO_TSA_CA_FILE", default="")
TSA_INTERVAL_SECONDS = env.int("IPPRO_TSA_INTERVAL_SECONDS", default=60)
ALLOWED_HOSTS = env.list("IPPRO_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("IPPRO_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "ippro",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "core",
    "accounts",
    "rulebook",
    "marketplace",
    "filings",
    "imageguard",
    "complaints",
    "patrol",
    "governance",
]

MIDDLEWARE = [
    "core.unsaid.SecretAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.middleware.MovedClockMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.bodies.BoundedBodyMiddleware",
    "core.middleware.ReadableFormMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.UserLanguageMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.middleware.DomainErrorMiddleware",
    "accounts.middleware.ActingMiddleware",
]

ROOT_URLCONF = "ippro.urls"
WSGI_APPLICATION = "ippro.wsgi.application"
FORM_RENDERER = "ippro.forms.Renderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "ippro" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "ippro.context.shell",
            ],
            # Its csrf_token takes the place of Django's.
            "builtins": ["ippro.templatetags.acting"],
        },
    }
]

# --- data ---------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'ippro.sqlite3'}")}
IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    # Immediate transactions: a writer waits for its turn at BEGIN instead of failing half-way.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
        " PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;",
    }
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
else:
    # Statements that come again are prepared: PostgreSQL plans them once for a connection, not once for a request.
    DATABASES["default"]["OPTIONS"] = {
        "server_side_binding": True,
        "prepare_threshold": 5 if env.bool("IPPRO_DB_PREPARES", default=True) else None,
        **DATABASES["default"].get("OPTIONS", {}),
    }
DATABASES["default"]["CONN_MAX_AGE"] = env.int("IPPRO_DB_CONN_MAX_AGE", default=60)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

BROKER_SOCKET = env.str("IPPRO_BROKER_SOCKET", default=str(DATA_DIR / "broker.sock"))
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=f"redis+socket://{BROKER_SOCKET}")
CACHES = {
    "default": env.cache("CACHE_URL", default="locmemcache://")
    if env.str("CACHE_URL", default="")
    else {
        # Rate limits and lock-outs live here: they must hold while the broker is away.
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # How often programs call, counted with every call: by each web process for itself where there is no shared cache.
    "rates": env.cache("CACHE_URL", default="locmemcache://")
    if env.str("CACHE_URL", default="")
    else {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "rates",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    # Figures of the staff's pages, kept for some seconds by each web process: it costs no question to the database.
    "figures": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "figures",
        "OPTIONS": {"MAX_ENTRIES": 1000},
    },
    # Thumbnails of marketplaces' pictures while links are looked at: of each machine, small, and bounded.
    "pictures": env.cache("PICTURE_CACHE_URL", default="locmemcache://")
    if env.str("PICTURE_CACHE_URL", default="")
    else {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(DATA_DIR / "thumbnails"),
        "OPTIONS": {"MAX_ENTRIES": 4000},
    },
}

_storage = env.str("STORAGE_URL", default="")
STORAGE_IS_GIVEN = bool(_storage)
if _storage.startswith("s3://"):
    _s3 = environ.urlparse(_storage)
    PRIVATE_STORAGE = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _s3.hostname,
            "location": _s3.path.strip("/"),
            "endpoint_url": env.str("STORAGE_ENDPOINT_URL", default=None),
            "default_acl": "private",
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }
else:
    PRIVATE_STORAGE = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": _storage.removeprefix("file://") or str(DATA_DIR / "files"),
            "base_url": None,
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    }
STORAGES: dict[str, dict[str, Any]] = {
    "default": PRIVATE_STORAGE,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
STATIC_URL = "/static/"
STATIC_ROOT = env.str("IPPRO_STATIC_ROOT", default=str(DATA_DIR / "static"))
# WhiteNoise warns of a folder that is not there yet.
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
# The embedded default serves static files from where they are; production collects them first.
WHITENOISE_USE_FINDERS = env.bool("IPPRO_STATIC_FROM_SOURCE", default=True)

# --- work in the background -----------------------------------------------------------------------
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_DEFAULT_QUEUE = "interactive"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A hint is worth seconds, not minutes: the sweep finds what a lost hint left.
    "visibility_timeout": 300,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
CELERY_TASK_PUBLISH_RETRY = False
# Sweeps end by themselves after a minute (core.obligations.sweep); what then still runs hangs. It is told to stop,
# its row is put off, and 30 s later its process is killed: before the broker gives the task to somebody else.
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 270
# Without it Celery reopens the database connection for each task (see docs/reference/benchmarks.md).
CELERY_DB_REUSE_MAX = 10_000
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Of the decisions that people make on complaints, the share that somebody else makes again, blind.
SECOND_LOOK_RATIO = env.float("IPPRO_SECOND_LOOK_RATIO", default=0.05)
if not 0 <= SECOND_LOOK_RATIO <= 1:
    raise ImproperlyConfigured("IPPRO_SECOND_LOOK_RATIO: a share between 0 and 1, such as 0.05.")
IPPRO_WIRING = "ippro.wiring.CONSUMERS"
CARRIED = "ippro.wiring.CARRIED"
IPPRO_QUEUES = "ippro.queues.QUEUES"
IPPRO_WORK = "ippro.wiring.WORK"
# Numbers in the sidebar of the staff and service levels may be so old; 0: counted for each page.
FIGURES_KEPT_SECONDS = env.int("IPPRO_FIGURES_KEPT_SECONDS", default=15)

# --- mail -------------------------------------------------------------------------------------------
EMAIL_CONFIG = env.email("EMAIL_URL", default="filemail://")
vars().update(EMAIL_CONFIG)
# Of each step: the four of one letter end within its lease of 45 s.
EMAIL_TIMEOUT = env.int("IPPRO_EMAIL_TIMEOUT_SECONDS", default=10)
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
# Where parties reach the platform: stands in every statement of reasons.
CONTACT_EMAIL = env.str("IPPRO_CONTACT_EMAIL", default="ip@localhost")
DEFAULT_FROM_EMAIL = env.str("IPPRO_FROM_EMAIL", default="ippro <noreply@localhost>")

# --- people -------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/desk/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignUpForm"}
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SIGNUP_REDIRECT_URL = "/organisation/"
# Whoever owns an account hears of every change of its password, addresses and second factor.
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Attempts by period and by what they are counted: the address in the internet, the account tried, the person.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    # Five wrong passwords lock an account's sign-in from that address for five minutes.
    "login_failed": "10/m/ip,5/5m/key",
    "signup": "20/m/ip",
    "confirm_email": "1/3m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "manage_email": "10/m/user",
    "reauthenticate": "10/m/user",
}
# A forwarded client address counts only if a proxy of ours wrote it.
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("IPPRO_BEHIND_PROXY", default=False) else 0
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_TOTP_ISSUER = "ippro"
MFA_TOTP_TOLERANCE = 1

# --- language and time --------------------------------------------------------------------------------
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("IPPRO_TIME_ZONE", default="Asia/Shanghai")
LANGUAGE_CODE = env.str("IPPRO_LANGUAGE", default="en")
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "ippro" / "locale"]

# --- API ------------------------------------------------------------------------------------------------
# Of one API key, or of one person; 0: without a limit.
API_CALLS_A_MINUTE = env.int("IPPRO_API_CALLS_A_MINUTE", default=600)
# Where webhooks of one organisation may go beside the internet, such as to a system in our own network: exactly these
# origins, each as `org_…=https://…`.
WEBHOOK_ORIGINS = env.list("IPPRO_WEBHOOK_ORIGINS", default=[])
if not all(entry.startswith("org_") and "=" in entry for entry in WEBHOOK_ORIGINS):
    raise ImproperlyConfigured("IPPRO_WEBHOOK_ORIGINS: say of each origin whose it is, as org_…=https://….")
# The one origin on this computer that a demo sends webhooks to, for everybody in it; elsewhere it means nothing.
DEMO_WEBHOOK_ORIGIN = env.str("IPPRO_DEMO_WEBHOOK_ORIGIN", default="")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.api_keys.authentication.ApiKeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.api_keys.authentication.WithinScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["core.renderers.EchoingJSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.negotiation.ContentNegotiation",
    "DEFAULT_PARSER_CLASSES": ["core.parsers.BoundedJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["core.api.Filters"],
    "DEFAULT_SCHEMA_CLASS": "ippro.api_schema.Schema",
    "EXCEPTION_HANDLER": "core.api.problem_details",
    "DEFAULT_THROTTLE_CLASSES": ["core.rates.CallerThrottle"],
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "PAGE_SIZE": 50,
    # Whose requests are counted: a forwarded address counts only if a proxy of ours wrote it.
    "NUM_PROXIES": 1 if env.bool("IPPRO_BEHIND_PROXY", default=False) else 0,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ippro",
    "DESCRIPTION": "Intellectual-property protection for e-commerce.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "ippro.api_examples.add_examples",
    ],
    # Fields of one name in several rooms: what their choices are called in the description of the API.
    "ENUM_NAME_OVERRIDES": {
        "RightKind": "filings.models.RightKind",
        "FiledRightKind": "filings.requirements.filed_kinds",
        "TargetKind": "marketplace.models.Target.Kind",
        "FilingState": "filings.models.Filing.State",
        "ComplaintState": "complaints.models.Complaint.State",
        "CounterNoticeState": "complaints.models.CounterNotice.State",
        "ProceedingKind": "complaints.models.Proceeding.Kind",
        "CourtOrderKind": "complaints.models.CourtOrder.Kind",
        "OriginalState": "imageguard.models.Original.State",
        "AppealKind": "governance.appealable.kinds",
        "AppealState": "governance.models.Appeal.State",
        "PenaltyState": "governance.models.Penalty.State",
        "PenaltyMeasure": "rulebook.models.Measure",
        "MatchState": "imageguard.models.Match.State",
        "IntakeItemState": "imageguard.models.IntakeItem.State",
        "WatchProfileKind": "patrol.models.WatchProfile.Kind",
        "MarketState": ["up", "down"],
        "WatchProfileState": "patrol.models.WatchProfile.State",
        "CandidateState": "patrol.models.Candidate.State",
        "InfringementEnum": "complaints.models.Infringement",
        "SceneEnum": "marketplace.models.Scene",
        "PowerState": "accounts.models.PowerOfAttorney.State",
        "PowerSide": "accounts.models.PowerOfAttorney.Side",
        "WebhookMessageState": "accounts.webhooks.models.WebhookDelivery.State",
        "BrandVerdict": "patrol.models.BrandAnswer.Verdict",
    },
}

# --- patrol ----------------------------------------------------------------------------------------------
#: a whole scan begins by itself when the last one is so old; 0: only when somebody starts it
SCAN_EVERY_DAYS = env.int("IPPRO_SCAN_EVERY_DAYS", default=0)

# --- limits on what comes in ------------------------------------------------------------------------------
MAX_UPLOAD_BYTES = env.int("IPPRO_MAX_UPLOAD_BYTES", default=10 * 1024 * 1024)
# A camera writes 40 megapixels as a JPEG of 10 to 25 MB, and it is the unedited size that is to be registered.
MAX_ORIGINAL_BYTES = env.int("IPPRO_MAX_ORIGINAL_BYTES", default=25 * 1024 * 1024)
# Larger files are kept and read piece by piece; whoever sends them has the disk of the web process meanwhile.
MAX_ARCHIVE_BYTES = env.int("IPPRO_MAX_ARCHIVE_BYTES", default=200 * 1024 * 1024)
MAX_CAMERA_BYTES = env.int("IPPRO_MAX_CAMERA_BYTES", default=80 * 1024 * 1024)
MAX_IMAGE_PIXELS = 40_000_000
MAX_LINKS_PER_COMPLAINT = 500
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Where strangers send files, and where forms bring fewer or larger ones than elsewhere: which of the limits above one
# file has, and how many come at once (`core.bodies`).
UPLOADS = {
    "accounts:document-new": ("MAX_UPLOAD_BYTES", 1),
    "complaints:by-image": ("MAX_UPLOAD_BYTES", 1),
    "complaints:answers": ("MAX_UPLOAD_BYTES", 1),
    "complaints:import": ("MAX_UPLOAD_BYTES", 1),
    "filings:import": ("MAX_UPLOAD_BYTES", 1),
    "market-sheets": ("MAX_UPLOAD_BYTES", 1),
    "originals:begin": ("MAX_ARCHIVE_BYTES", 1),
    "originals:camera": ("MAX_CAMERA_BYTES", 1),
    "originals:intake": ("MAX_ARCHIVE_BYTES", 1),
    "originals:intake-files": ("MAX_ORIGINAL_BYTES", 1),
    "originals:register": ("MAX_ARCHIVE_BYTES", 1),
    "protected": ("MAX_UPLOAD_BYTES", 1),
    "public:report": ("MAX_UPLOAD_BYTES", DATA_UPLOAD_MAX_NUMBER_FILES),
    "private-link": ("MAX_UPLOAD_BYTES", DATA_UPLOAD_MAX_NUMBER_FILES),
    "intake-add-file": ("MAX_ORIGINAL_BYTES", 1),
    "intake-begin-zip": ("MAX_ARCHIVE_BYTES", 1),
    "original-camera-originals": ("MAX_CAMERA_BYTES", 1),
    "original-list": ("MAX_ORIGINAL_BYTES", 1),
    "filings-renew": ("MAX_UPLOAD_BYTES", DATA_UPLOAD_MAX_NUMBER_FILES),
}
# Larger bodies are taken only where they are expected: a batch of marketplace events.
MAX_EVENTS_BODY_BYTES = 10 * 1024 * 1024

# --- safety ---------------------------------------------------------------------------------------------
_https = BASE_URL.startswith("https://")
SECURE_SSL_REDIRECT = env.bool("IPPRO_SSL_REDIRECT", default=_https)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("IPPRO_BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = env.int("IPPRO_HSTS_SECONDS", default=31_536_000 if _https else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = env.str("IPPRO_COOKIE_PREFIX", default="ippro") + "_session"
CSRF_COOKIE_NAME = env.str("IPPRO_COOKIE_PREFIX", default="ippro") + "_csrf"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    # The admin's theme needs eval (Alpine.js); everybody else's pages run under this.
    "EXCLUDE_URL_PREFIXES": ["/admin/"],
    "DIRECTIVES": {
        "default-src": [SELF],
        # Pictures of marketplaces too come from here: nobody there learns who looks.
        "img-src": [SELF, "data:"],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_secrets": {"()": "core.unsaid.WithoutSecrets"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("IPPRO_LOG_LEVEL", default="WARNING")},
    "loggers": {
        "ippro": {"level": env.str("IPPRO_LOG_LEVEL", default="INFO")},
        "django.request": {"level": "ERROR", "filters": ["without_secrets"]},
    },
}

UNFOLD = {
    "SITE_TITLE": "ippro",
    "SITE_HEADER": "ippro",
    "SITE_SUBHEADER": _("Staff"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "verified_user",
    "SHOW_LANGUAGES": True,
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "ippro.context.environment",
    "DASHBOARD_CALLBACK": "ippro.staff.dashboard",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("ippro/favicon.svg")},
    ],
    # What stands in it is made where it is shown: `ippro/templates/admin/base.html`.
    "SIDEBAR": {"show_search": False},
    "COLORS": {
        "primary": {
            "50": "#eef4ff",
            "100": "#dbe6fe",
            "200": "#bfd3fe",
            "300": "#93b4fd",
            "400": "#608bfa",
            "500": "#3b63f6",
            "600": "#2546eb",
            "700": "#1d34d8",
            "800": "#1e2daf",
            "900": "#1e2b8a",
            "950": "#171d54",
        }
    },
}
