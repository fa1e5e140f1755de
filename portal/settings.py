"""Settings from the environment. ``.env.example`` lists every variable with its meaning.

Each has a safe default for ``make run``; a production secret has none.
"""

from __future__ import annotations

import os
import re
import sys
from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))

env = environ.Env(
    DEBUG=(bool, False),
    SECRET_KEY=(str, ""),
    ALLOWED_HOSTS=(list, ["127.0.0.1", "localhost", "[::1]"]),
    SITE_URL=(str, "http://127.0.0.1:8000"),
    DATABASE_URL=(str, f"sqlite:///{VAR_DIR / 'portal.sqlite3'}"),
    CACHE_URL=(str, "locmemcache://"),
    EMAIL_URL=(str, "consolemail://"),
    DATA_PACK=(str, str(BASE_DIR / "fixtures" / "chongqing-2024-04")),
    TRUSTED_PROXIES=(int, 0),
    SERVE_SAMPLES_PUBLICLY=(bool, False),
    CONTACT_BUDGET=(str, "5/60,20/3600,60/86400"),
    API_READ_RATE=(str, ""),
    STATEMENT_TIMEOUT_MS=(int, 3000),
    ENVIRONMENT=(str, ""),
)
environ.Env.read_env(BASE_DIR / ".env")
environ.Env.read_env(VAR_DIR / "portal.env")  # what `make run` made: the key above all

_SWITCH = "(?i:true|false|on|off|yes|no|1|0)?"
# What each must look like where its type does not say so; a start that fails is better than pages that do.
# Those that only one module reads are read there when it is imported.
_FORMS = {
    "DEBUG": _SWITCH,
    "SERVE_SAMPLES_PUBLICLY": _SWITCH,
    "SITE_URL": r"https?://[^/\s]+(?:/\S*)?",
    "CACHE_URL": r"\w+://.*",
    "EMAIL_URL": r"[\w+]+://.*",
    "TRUSTED_PROXIES": r"\d{1,2}",
    "STATEMENT_TIMEOUT_MS": r"\d{1,7}",
}
for _name, _form in _FORMS.items():
    if _name in os.environ and not re.fullmatch(_form, os.environ[_name], re.ASCII):
        # Not the value itself: it may hold a password.
        raise ImproperlyConfigured(f"{_name} is not of the form that .env.example shows for it")

TESTING = "pytest" in sys.modules
DEBUG = env("DEBUG")
SECRET_KEY = env("SECRET_KEY") or ("only for tests" if TESTING else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set; `make run` makes one in var/, see .env.example")

SITE_URL = env("SITE_URL").rstrip("/")
ALLOWED_HOSTS = env("ALLOWED_HOSTS")
TRUSTED_PROXIES = env("TRUSTED_PROXIES")
DATA_PACK = Path(env("DATA_PACK"))
SERVE_SAMPLES_PUBLICLY = env("SERVE_SAMPLES_PUBLICLY")
ENVIRONMENT = env("ENVIRONMENT")
RELEASE = "1.0.0"
CONTACT_BUDGET = env("CONTACT_BUDGET")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "portal.apps.PortalConfig",
    "portal.apps.StaffAdminConfig",
    "axes",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "simple_history",
    "opportunities",
    "financing",
    "accounts",
]

MIDDLEWARE = [
    "portal.headers.SecurityHeadersMiddleware",
    "portal.language.PathLanguageMiddleware",
    "portal.ingress.IngressGuardMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.errors.ProblemsMiddleware",
    "portal.samples.SamplesMiddleware",
    "portal.caching.KeptAnswersMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "portal.slashes.SlashMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.site",
            ],
        },
    },
]

# Set by portal.wsgi: commands may take as long as they need.
ANSWERS_VISITORS = "PORTAL_ANSWERS_VISITORS" in os.environ and not TESTING
STATEMENT_TIMEOUT_MS = env("STATEMENT_TIMEOUT_MS")
# How long an answer is waited for: the server gives up first, unless it hangs.
DATABASE_PATIENCE_SECONDS = STATEMENT_TIMEOUT_MS / 1000 + 1 if STATEMENT_TIMEOUT_MS else None

try:
    _database = env.db("DATABASE_URL")
except ValueError:
    _database = {}
if _database.get("NAME", "") in ("", ":memory:") or _database.get("ENGINE") not in (
    "django.db.backends.sqlite3",
    "django.db.backends.postgresql",
):
    # Not the value itself: it may hold a password.
    raise ImproperlyConfigured(
        "DATABASE_URL is neither postgres://user:password@host:5432/name nor sqlite:////path/of/the/file"
    )
DATABASES = {"default": _database}
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # Opening the file costs more than a page's queries do; a pool serves PostgreSQL. Not for longer, so
    # that a file which was put back from a backup is noticed.
    _database["CONN_MAX_AGE"] = 0 if TESTING else 5
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
else:
    _database["ENGINE"] = "django.db.backends.postgresql"
    # A server or network that is away is noticed within 5 seconds (promise P23).
    _given = _database.get("OPTIONS", {})
    _database["OPTIONS"] = {
        **_given,
        "connect_timeout": 3,
        "tcp_user_timeout": 4000,
        # Compiling a query takes longer than any of ours does; so does starting workers for it.
        "options": f"{_given.get('options', '')} -c jit=off -c max_parallel_workers_per_gather=0".strip(),
    }
    if TESTING or ANSWERS_VISITORS:
        _database["OPTIONS"]["options"] += f" -c statement_timeout={STATEMENT_TIMEOUT_MS}"
    if ANSWERS_VISITORS:
        from portal.postgresql.base import Connection

        _database["ENGINE"] = "portal.postgresql"
        # With a short reconnect_timeout each request tries anew, instead of waiting for a pool that
        # waits longer after every failure.
        _database["OPTIONS"]["pool"] = {
            "connection_class": Connection,
            "min_size": 1,
            "max_size": 8,
            "timeout": 4,
            "reconnect_timeout": 2,
        }
        _database["CONN_HEALTH_CHECKS"] = True

CACHES = {
    "default": {**env.cache("CACHE_URL"), "TIMEOUT": 24 * 3600},
    # Pieces of pages that are the same on many, each under all that it depends on; of each process its own.
    "pieces": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "pieces",
        "TIMEOUT": None,
        "OPTIONS": {"MAX_ENTRIES": 500},
    },
}
# Files are listed whenever one is written, so there are fewer.
_ENTRIES_MAX = {"LocMemCache": 2000, "FileBasedCache": 500}
_cache = CACHES["default"]["BACKEND"].rpartition(".")[2]
if _cache in _ENTRIES_MAX:
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": _ENTRIES_MAX[_cache]}

vars().update(env.email("EMAIL_URL"))

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "admin:login"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = False

# What the frame offers to the apps below it, which import nothing of it.
PUBLIC_ANSWER = "portal.caching.public"
CLIENT_ADDRESS = "portal.addresses.client_address"

# What other apps read from a data pack, in the transaction that loads it.
PACK_PARTS = ["financing.loading"]

API_READ_RATE = env("API_READ_RATE")
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "opportunities.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "portal.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": _("Investment opportunities"),
    "VERSION": RELEASE,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "DISABLE_DOCSTRING_DESCRIPTIONS": True,
    "SORT_OPERATIONS": False,
    "SORT_OPERATION_PARAMETERS": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        "Claim": "opportunities.models.PublishedFigure.Claim",
        "CooperationForm": "opportunities.models.CooperationForm",
        "DistrictKind": "opportunities.models.District.Kind",
        "FactState": "opportunities.models.Fact.State",
        "FigureKind": "financing.models.Figure.Kind",
        "Status": "opportunities.models.Opportunity.Status",
    },
    "PREPROCESSING_HOOKS": ["financing.api.schema.described"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "opportunities.api.schema.complete",
        "financing.api.schema.complete",
    ],
}

# Sign-in: 10 failures in 15 minutes per address and per account (contract, “REST API”), refused
# before the password is hashed.
AXES_HANDLER = "accounts.throttling.SlidingWindow"
AXES_LOCKOUT_CALLABLE = "accounts.throttling.too_many_failures"
AXES_USERNAME_CALLABLE = "accounts.throttling.account_name"
AXES_CLIENT_IP_CALLABLE = "portal.addresses.client_address"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["ip_address", "username"]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_FORM_FIELD = "username"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
