"""One e-mail, handed to the server so that a failure says whether anything was sent."""

import smtplib
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import blake2b

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend

from notyet.core.clock import now
from notyet.notices.errors import MaybeSent, NotSent
from notyet.notices.links import host

_SEVEN_BITS = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True)
class Letter:
    """An e-mail before it is one.

    ``off_url`` ends mails that the program writes by one click in the mail program; without it the mail is one that a
    person wrote to another, and is not marked as automatic. ``reply_to``: to whom an answer goes, where not the sender.
    """

    to: str
    subject: str
    text: str
    message_id: str
    html: str = ""
    off_url: str = ""
    reply_to: Address | None = None


def message_id(push: int) -> str:
    """The same for every attempt at a message, so that mail programs show it once even if two should arrive."""
    return f"<push-{push}.{_tag(str(push), 8)}@{host()}>"


def buyers_message_id(letter: int) -> str:
    """The same for every attempt at a letter to a buyer; it tells him neither a count nor the name of a machine."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{_tag(f'letter {letter}', 16)}@{domain if domain.isascii() and domain else host()}>"


def _tag(text: str, size: int) -> str:
    return blake2b(text.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=size).hexdigest()


def build(letter: Letter) -> EmailMessage:
    """The message as it is sent, to one address. Raises ``ValueError`` where a part of it cannot be in a mail."""
    message = EmailMessage(policy=_SEVEN_BITS)
    message["From"] = settings.DEFAULT_FROM_EMAIL
    message["To"] = letter.to
    if letter.reply_to is not None:
        message["Reply-To"] = letter.reply_to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = letter.message_id
    if letter.off_url:
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["List-Unsubscribe"] = f"<{letter.off_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if len(message["To"].addresses) != 1:
        raise ValueError("a mail goes to one address")
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


def send(letter: Letter) -> None:
    """Hand the mail in. Raises ``NotSent`` where the server certainly has not taken it, else ``MaybeSent``."""
    content = written(letter)
    server = _connect()
    try:
        _envelope(server, letter.to)
        _data(server, content)
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def written(letter: Letter) -> bytes:
    """The message as bytes. Raises ``NotSent``."""
    try:
        return build(letter).as_bytes()
    except (ValueError, MessageError) as error:
        raise NotSent("it holds what cannot be in an e-mail", again=False) from error


def _connect() -> smtplib.SMTP:
    backend = EmailBackend()
    try:
        backend.open()
    except (OSError, smtplib.SMTPException) as error:
        with suppress(OSError, smtplib.SMTPException):
            backend.close()
        raise NotSent(_why_not(error), again=True) from error
    connection: smtplib.SMTP | None = backend.connection
    if connection is None:
        raise NotSent("the mail server could not be reached", again=True)
    return connection


def _why_not(error: OSError | smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the mail server refused the user or the password ({error.smtp_code})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server refused the connection ({error.smtp_code})"
    return "the mail server could not be reached"


def _envelope(server: smtplib.SMTP, to: str) -> None:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    try:
        server.ehlo_or_helo_if_needed()
        code, _ = server.mail(sender)
        if code != 250:
            raise NotSent(f"the mail server refused the sender ({code})", again=code < 500)
        code, _ = server.rcpt(to)
        if code not in (250, 251):
            raise NotSent(f"the mail server refused the address ({code})", again=code < 500)
    except UnicodeError as error:
        raise NotSent("the mail server takes no address with such letters", again=False) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent("the mail server ended the talk before the message was sent", again=True) from error


def _data(server: smtplib.SMTP, content: bytes) -> None:
    # A refusal in words, before or after the text, means that the server did not take it (RFC 5321, 4.2.5 and 6.1);
    # silence after the text means nothing at all.
    try:
        code, _ = server.data(content)
    except smtplib.SMTPDataError as error:
        raise NotSent(
            f"the mail server refused the message ({error.smtp_code})", again=error.smtp_code < 500
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise MaybeSent("the connection to the mail server broke while the message was on its way") from error
    if 400 <= code < 600:
        raise NotSent(f"the mail server refused the message ({code})", again=code < 500)
    if not 200 <= code < 300:
        raise MaybeSent("the mail server gave no answer that could be understood")
