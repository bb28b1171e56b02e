"""Settings read from the environment, each refused with a sentence when its value is unusable."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dj_database_url
import platformdirs
import pycountry
from environs import Env, EnvError, validate

from notyet.config.mail_address import MailServer, read_mail_server, read_public_url, read_sender


class BadSetting(Exception):
    """An environment variable holds what the program cannot use; the text says what it accepts."""


@dataclass(frozen=True)
class Environment:
    """What the surroundings say: where the state lives, which database, which clock."""

    home: Path
    database: dict[str, object]
    production: bool
    debug: bool
    hosts: tuple[str, ...]
    trusted_origins: tuple[str, ...]
    secret_key: str
    clock: datetime | None
    time_zone: str
    currency: str
    upload_limit: int
    log_level: str
    public_url: str
    mail_server: MailServer | None
    mail_from: str
    chat_hosts: frozenset[str]


def read_environment() -> Environment:
    """Read every setting. Raises ``BadSetting`` that names the variable and what it accepts."""
    env = Env()
    try:
        return _read(env)
    except (EnvError, ValueError) as error:
        raise BadSetting(str(error)) from error


def _read(env: Env) -> Environment:
    home = Path(env.str("NOTYET_HOME", "") or platformdirs.user_data_dir("notyet")).expanduser().resolve()
    production = env.bool("NOTYET_PRODUCTION", False)
    clock_text = env.str("NOTYET_CLOCK", "")
    if clock_text and production:
        raise ValueError("NOTYET_CLOCK moves the clock and is refused when NOTYET_PRODUCTION is on")
    hosts = tuple(env.list("NOTYET_HOSTS", [] if production else ["localhost", "127.0.0.1", "[::1]"]))
    if production and not hosts:
        raise ValueError("NOTYET_HOSTS must name the hosts this server answers for, separated by commas")
    mail_server = read_mail_server(env.str("NOTYET_EMAIL_URL", ""))
    return Environment(
        home=home,
        database=_database(env.str("DATABASE_URL", ""), home),
        production=production,
        debug=env.bool("NOTYET_DEBUG", False) and not production,
        hosts=hosts,
        trusted_origins=tuple(env.list("NOTYET_TRUSTED_ORIGINS", [])),
        secret_key=_secret_key(env.str("NOTYET_SECRET_KEY", ""), home),
        clock=_clock(clock_text),
        time_zone=_time_zone(env.str("NOTYET_TIME_ZONE", "UTC")),
        currency=_currency(env.str("NOTYET_CURRENCY", "EUR")),
        upload_limit=env.int("NOTYET_UPLOAD_LIMIT", 4096, validate=validate.Range(1, 1_000_000)) * 2**20,
        log_level=env.str(
            "NOTYET_LOG_LEVEL", "WARNING", validate=validate.OneOf(["DEBUG", "INFO", "WARNING", "ERROR"])
        ),
        public_url=read_public_url(env.str("NOTYET_URL", ""), production=production, mails=mail_server is not None),
        mail_server=mail_server,
        mail_from=read_sender(env.str("NOTYET_EMAIL_FROM", ""), mail_server),
        chat_hosts=frozenset(host.lower() for host in env.list("NOTYET_CHAT_HOSTS", [], subcast=str)),
    )


def _database(url: str, home: Path) -> dict[str, object]:
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(home / "notyet.sqlite3")}
    try:
        parsed = dict(dj_database_url.parse(url))
    except (dj_database_url.ParseError, dj_database_url.UnknownSchemeError, ValueError) as error:
        raise ValueError(f"DATABASE_URL is not a database address: {error}") from error
    engine = str(parsed["ENGINE"])
    if not engine.endswith((".sqlite3", ".postgresql")):
        raise ValueError("DATABASE_URL must begin with sqlite: or postgresql:")
    return parsed


def _secret_key(given: str, home: Path) -> str:
    """The signing key: as given, or one made at the first start and kept in the home folder."""
    if given:
        if len(given) < 32:
            raise ValueError("NOTYET_SECRET_KEY must have at least 32 characters")
        return given
    path = home / "secret_key"
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        pass
    try:
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    except FileExistsError:
        pass
    except OSError as error:
        raise ValueError(f"NOTYET_HOME {home} cannot be written: {error.strerror}") from error
    return path.read_text(encoding="ascii").strip()


def _clock(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"NOTYET_CLOCK {text!r} is not a time like 2026-03-02T08:00:00Z") from error
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"NOTYET_TIME_ZONE {name!r} is not a time zone like Europe/Berlin") from error
    return name


def _currency(code: str) -> str:
    if pycountry.currencies.get(alpha_3=code.upper()) is None:
        raise ValueError(f"NOTYET_CURRENCY {code!r} is not an ISO 4217 code like EUR")
    return code.upper()
