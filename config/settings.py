"""Django settings. Everything chosen at deployment comes from the environment (`config/env.py`)."""

import os
from datetime import timedelta
from pathlib import Path

from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from config import env, logging
from config.embedded.places import OWNER, Places
from config.rooms import ROOMS

BASE_DIR = Path(__file__).resolve().parent.parent
if os.environ.get("TANZHANG_MODE") != "test":
    env.load_file(BASE_DIR / ".env")
DATA_DIR = env.folder("TANZHANG_DATA", default=BASE_DIR / "var")
EMBEDDED = Places(DATA_DIR)  # where `manage.py up` keeps its own servers

MODE = env.text("TANZHANG_MODE", "demo")
if MODE not in {"demo", "test", "production"}:
    raise env.OddEnvironment(f"TANZHANG_MODE must be demo, test or production, not {MODE!r}")
PRODUCTION = MODE == "production"
DEBUG = env.flag("DEBUG", default=False)

INSECURE_SECRET = "demonstration-only-" + "0" * 50
SECRET_KEY = env.text(
    "SECRET_KEY", None if PRODUCTION else EMBEDDED.secret_key() or INSECURE_SECRET
)
if PRODUCTION and (SECRET_KEY == INSECURE_SECRET or len(SECRET_KEY) < 50):
    raise env.OddEnvironment("SECRET_KEY must be at least 50 characters of its own in production")

ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS", default="" if PRODUCTION else "localhost,127.0.0.1,[::1]"
)
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")

INSTALLED_APPS = [
    "config",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "pgtrigger",
    "rest_framework",
    "drf_spectacular",
    "django_structlog",
    *ROOMS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.headers.SecurityHeadersMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "ledger.parties.middleware.ActorMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "config.context.mode",
            ],
        },
    },
]

# Without an address of its own the product uses the server that `manage.py up` keeps.
_EMBEDDED_URL = EMBEDDED.database_url() or "postgresql://nobody@/none"
_DATABASE = env.DatabaseAddress.parse(
    "DATABASE_URL", env.text("DATABASE_URL", None if PRODUCTION else _EMBEDDED_URL)
)
DATABASE_ADMIN_URL = env.text(
    "DATABASE_ADMIN_URL",
    "" if env.text("DATABASE_URL", "") else EMBEDDED.database_url(OWNER) or "",
)
DATABASES = {"default": {**_DATABASE.for_django(), "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}}

AUTH_USER_MODEL = "ledger_parties.User"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/admin/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
    )
]
if MODE == "test":  # hashing is meant to be slow; tests sign in often
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PASSWORD_RESET_TIMEOUT = 3 * 86400  # of reset and invitation links
OTP_TOTP_ISSUER = "Tanzhang"
OTP_TOTP_THROTTLE_FACTOR = 1
OTP_STATIC_THROTTLE_FACTOR = 1

# Lock-out: kept in the database, so that it counts over all web processes.
AXES_FAILURE_LIMIT = env.whole_number("LOCK_OUT_AFTER", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.whole_number("LOCK_OUT_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # or a stranger could lock out for ever
AXES_USERNAME_FORM_FIELD = "username"
AXES_LOCKOUT_CALLABLE = "ledger.parties.views.signing_in.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # our own log says who signed in
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# Counted by login alone: whoever guesses from many addresses is stopped too, and one office behind
# one address is not locked out for a colleague's mistakes.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
AXES_IPWARE_PROXY_COUNT = env.whole_number("TRUSTED_PROXIES", default=0)

SESSION_COOKIE_AGE = 60 * env.whole_number("SESSION_IDLE_MINUTES", default=60)
SESSION_COOKIE_NAME = "__Host-tanzhang" if PRODUCTION else "tanzhang"
CSRF_COOKIE_NAME = "__Host-tanzhang-csrf" if PRODUCTION else "tanzhang-csrf"
SESSION_COOKIE_SAMESITE = "Lax"  # a mailed link must find the session
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_NAME = "tanzhang-language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = ["^livez$", "^readyz$"]
    SECURE_HSTS_SECONDS = env.whole_number("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    if env.whole_number("TRUSTED_PROXIES", default=0):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

_OURS = "'self'"
_STRICT = {
    "default-src": [_OURS],
    "img-src": [_OURS, "data:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": [_OURS],
    "frame-ancestors": ["'none'"],
}
CONTENT_SECURITY_POLICY = {"DIRECTIVES": _STRICT}
# The admin theme evaluates expressions and sets styles in its markup.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [_OURS, "'unsafe-eval'"],
    "style-src": [_OURS, "'unsafe-inline'"],
}

# Mail. Without a server (demo, trial) links to set a password are written to files that can be
# opened and read, and notices stay in the inbox.
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.whole_number("EMAIL_PORT", default=587)
EMAIL_HOST_USER = env.text("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD", "")
EMAIL_USE_SSL = env.flag("EMAIL_SSL", default=False)  # TLS from the first byte, mostly port 465
EMAIL_USE_TLS = env.flag("EMAIL_TLS", default=not EMAIL_USE_SSL)  # STARTTLS
if EMAIL_USE_SSL and EMAIL_USE_TLS:
    raise env.OddEnvironment("EMAIL_SSL and EMAIL_TLS exclude each other: set one to false")
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = DATA_DIR / "mail"
_MAIL = "smtp" if EMAIL_HOST else {"test": "locmem"}.get(MODE, "filebased")
EMAIL_BACKEND = f"django.core.mail.backends.{_MAIL}.EmailBackend"
DEFAULT_FROM_EMAIL = env.mail_address("EMAIL_FROM", default="tanzhang@localhost")
# Where links in mails lead; without it mails of notices have none.
SITE_ADDRESS = env.web_address("SITE_ADDRESS", needed=PRODUCTION and bool(EMAIL_HOST))

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale", BASE_DIR / "ledger" / "kernel" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Asia/Shanghai"  # a day is a Beijing day; moments are stored in UTC
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env.folder("STATIC_ROOT", default=BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
# Names carry no hash: a minute after an update the pages look new. A test lasts longer than that.
WHITENOISE_MAX_AGE = 3600 if MODE == "test" else 60

UNFOLD = {
    "SITE_TITLE": _("Tanzhang"),
    "SITE_HEADER": _("Tanzhang"),
    "SITE_SUBHEADER": _("Carbon assets and green finance"),
    "SITE_SYMBOL": "eco",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("tanzhang.svg")}
    ],
    "STYLES": [lambda request: static("desk.css")],
    "SCRIPTS": [lambda request: static("desk.js")],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": True,
    "SHOW_LANGUAGES": True,
    "LANGUAGES": {"action": "/language/"},  # ours: it remembers the choice
    "ACCOUNT": {"navigation": [{"title": _("My account"), "link": "/account/"}]},
    "ENVIRONMENT": "reporting.desk.navigation.environment",
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "240 253 248",
            "100": "209 247 230",
            "200": "167 238 209",
            "300": "110 222 180",
            "400": "52 195 143",
            "500": "16 163 112",
            "600": "5 128 88",
            "700": "6 103 72",
            "800": "8 82 59",
            "900": "8 67 49",
            "950": "3 38 28",
        }
    },
    "COMMAND": {"search_models": True, "show_history": False},
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": "reporting.desk.navigation.navigation",
    },
}

# --- the queue (stack.md's measured settings; state lives in our own job table)
BROKER_URL = env.text("BROKER_URL", None if PRODUCTION else EMBEDDED.broker_url() or "memory://")
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 3000  # below the visibility timeout, or a second copy would start
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
}
if BROKER_URL.startswith("amqp"):
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_WORKER_DETECT_QUORUM_QUEUES = True
    CELERY_TASK_DEFAULT_EXCHANGE_TYPE = "topic"
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {"confirm_publish": True}
elif BROKER_URL.startswith(("redis", "rediss")):
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 3}
elif not BROKER_URL.startswith("memory"):
    raise env.OddEnvironment("BROKER_URL must be a redis:// or amqp:// address")

# --- the API: its doors, its limits (counted in Valkey), its description
CACHE_URL = env.text("CACHE_URL", "") or env.counter_of(BROKER_URL)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "limits": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "tanzhang",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
    if CACHE_URL
    # a broker of another kind, and no address said: each web process counts for itself
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits"},
}
API_LIMITS = {
    "reads": env.whole_number("API_READS_PER_MINUTE", default=600),
    "writes": env.whole_number("API_WRITES_PER_MINUTE", default=60),
    "strangers": env.whole_number("API_STRANGERS_PER_MINUTE", default=30),  # from one address
}
# hosts inside one's own network that webhooks may go to, also without TLS
WEBHOOK_PRIVATE_HOSTS = env.words("WEBHOOK_PRIVATE_HOSTS")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "ledger.parties.callers.BearerOfSecret",
        "ledger.parties.callers.SessionOfBrowser",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["ledger.doors.callers.Permitted"],
    "DEFAULT_THROTTLE_CLASSES": ["ledger.doors.limits.PerMinute"],
    "NUM_PROXIES": env.whole_number("TRUSTED_PROXIES", default=0),
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "ledger.doors.schema.ApiSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "config.api_errors.handle",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tanzhang",
    "DESCRIPTION": "Reads of the ledger of units, and movements proposed to it. See docs/how-to.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": False,
    "SORT_OPERATIONS": True,
    "PREPROCESSING_HOOKS": [],
    "POSTPROCESSING_HOOKS": ["ledger.doors.schema.whole_as_number_or_text"],
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "secret": {
                "type": "http",
                "scheme": "bearer",
                "description": "<client id>.<secret> of an API client",
            }
        }
    },
    "SECURITY": [{"secret": []}],
}

# --- files (evidence, uploads, reports); content under its hash, in a folder or in object storage
LARGEST_UPLOAD_MB = env.whole_number("LARGEST_UPLOAD_MB", default=50)
LARGEST_IMPORT_MB = env.whole_number("LARGEST_IMPORT_MB", default=400)  # registries' exports
VIRUS_SCAN = env.text("VIRUS_SCAN", "")  # dotted path of a function: bytes -> True when clean
_BUCKET = env.text("S3_BUCKET", "")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "evidence": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT_URL", "") or None,
            "location": "files",
            "default_acl": None,
            "file_overwrite": False,
        },
    }
    if _BUCKET
    else {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
}

# --- logs: JSON lines in production, plain lines elsewhere
LOGGING = logging.configure(as_json=env.flag("LOG_JSON", default=PRODUCTION))
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# --- the log's keys and checkpoints (a folder on another machine's disk, or object storage)
AUDIT_ORIGIN = env.text(
    "AUDIT_ORIGIN", None if PRODUCTION else "demonstration.tanzhang.invalid/ledger"
)
KEY_DIR = env.folder("KEY_DIR", default=DATA_DIR / "keys")
KEY_STORE = env.text("KEY_STORE", "ledger.audit.keys.FileKeyStore")
CHECKPOINT_DIR = env.folder("CHECKPOINT_DIR", default=DATA_DIR / "checkpoints")
_CHECKPOINT_BUCKET = env.text("CHECKPOINT_BUCKET", "")
CHECKPOINT_STORE = env.text(
    "CHECKPOINT_STORE",
    "ledger.audit.outside.ObjectStore"
    if _CHECKPOINT_BUCKET
    else "ledger.audit.outside.FolderStore",
)
if _CHECKPOINT_BUCKET:
    STORAGES["checkpoints"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _CHECKPOINT_BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT_URL", "") or None,
            "default_acl": None,
            "file_overwrite": False,
        },
    }

# who cosigns checkpoints from outside, as a C2SP witness policy; empty: nobody
WITNESS_POLICY = env.text("WITNESS_POLICY", "")

# --- signed reports
TSA_URL = env.text("TSA_URL", "")  # a time-stamping service (RFC 3161); empty: none
DOCUMENT_SIGNER = env.text("DOCUMENT_SIGNER", "reporting.packages.signing.file_signer")
DOCUMENT_P12 = env.text("DOCUMENT_P12", "")  # for p12_signer: the file
DOCUMENT_TOKEN = env.text("DOCUMENT_TOKEN", "")  # for token_signer: library|token|label
DOCUMENT_KEY_PASSWORD = env.text("DOCUMENT_KEY_PASSWORD", "")  # of the one, the PIN of the other
VERIFY_ADDRESS = env.text("VERIFY_ADDRESS", "https://verify.tanzhang.example")
