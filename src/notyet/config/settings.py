"""Django's settings, from what ``environment`` has read and nothing else."""

from pathlib import Path

from csp.constants import NONE, SELF

from notyet.config.environment import read_environment

environment = read_environment()
PACKAGE = Path(__file__).resolve().parent.parent

NOTYET_HOME = environment.home
NOTYET_CLOCK = environment.clock
NOTYET_CURRENCY = environment.currency
NOTYET_UPLOAD_LIMIT = environment.upload_limit
NOTYET_TIME_ZONE = environment.time_zone
NOTYET_URL = environment.public_url
NOTYET_CHAT_HOSTS = environment.chat_hosts

NOTYET_SENDS_MAIL = environment.mail_server is not None
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if NOTYET_SENDS_MAIL else 'dummy'}.EmailBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = environment.mail_from or "notyet@localhost"
EMAIL_TIMEOUT = 20
if environment.mail_server is not None:
    EMAIL_HOST, EMAIL_PORT = environment.mail_server.host, environment.mail_server.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = environment.mail_server.user, environment.mail_server.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = environment.mail_server.starttls, environment.mail_server.tls

SECRET_KEY = environment.secret_key
DEBUG = environment.debug
ALLOWED_HOSTS = list(environment.hosts)
CSRF_TRUSTED_ORIGINS = list(environment.trusted_origins)
ROOT_URLCONF = "notyet.config.urls"
WSGI_APPLICATION = "notyet.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

DATABASES = {"default": dict(environment.database)}
if str(DATABASES["default"]["ENGINE"]).endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "django_cotton",
    "django_htmx",
    "django_tables2",
    "django_tasks",
    "django_tasks_db",
    "notyet.workspaces",
    "notyet.deals",
    "notyet.process",
    "notyet.debriefs",
    "notyet.feedback",
    "notyet.winbacks",
    "notyet.reviews",
    "notyet.exchange",
    "notyet.history",
    "notyet.today",
    "notyet.pipeline",
    "notyet.notices",
    "notyet.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "notyet.web.middleware.WorkspaceMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "notyet.web.context.shell",
            ],
        },
    }
]
COTTON_DIR = "components"

AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "notyet.web.accounts.ClosedSignup"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {"login_failed": "5/5m/key,30/5m/ip"}

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = environment.time_zone

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 3600

FILE_UPLOAD_HANDLERS = ["notyet.web.receiving.ImportUploads"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # a file of two thousand columns is mapped in one form

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": str(environment.home / "cache"),
        "OPTIONS": {"MAX_ENTRIES": 400},
    }
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if environment.production:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 31_536_000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "level": environment.log_level}},
    "root": {"handlers": ["stderr"], "level": environment.log_level},
    # Both name addresses that hold secrets; what came of a message is kept with it.
    "loggers": {"apprise": {"propagate": False, "handlers": []}, "urllib3": {"level": "INFO"}},
}
