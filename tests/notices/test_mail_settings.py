"""The settings of mail: what is taken, and a sentence for what is not, without the password."""

import pytest

from notyet.config.environment import BadSetting, read_environment
from notyet.config.mail_address import MailServer, read_mail_server, read_public_url, read_sender

SECRET = "s3cret"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", None),
        ("smtp://mail.example.org", MailServer("mail.example.org", 25)),
        ("smtp://localhost:1025", MailServer("localhost", 1025)),
        (f"smtp://u:{SECRET}@127.0.0.1:2525", MailServer("127.0.0.1", 2525, "u", SECRET)),
        (
            f"smtp://a%40b.org:p%2Fw{SECRET}@h.org:587/?tls=1",
            MailServer("h.org", 587, "a@b.org", f"p/w{SECRET}", starttls=True),
        ),
        (f"smtps://u:{SECRET}@h.org", MailServer("h.org", 465, "u", SECRET, tls=True)),
    ],
)
def test_servers_that_are_taken(url: str, server: MailServer | None) -> None:
    """Plain, encrypted after STARTTLS, encrypted from the start."""
    assert read_mail_server(url) == server


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"http://u:{SECRET}@h.org", "must begin with smtp:// or smtps://"),
        ("mail.example.org", "must begin with smtp:// or smtps://"),
        ("smtp://:25", "name a host"),
        (f"smtp://u:{SECRET}@h.org:no", "is not an address"),
        (f"smtp://u:{SECRET}@h.org", "password in the clear: add"),
        (f"smtp://u:{SECRET}@h.org/?tls=perhaps", "tls is 1 or 0"),
        (f"smtp://u:{SECRET}@h.org/?ssl=1", "unknown option 'ssl'"),
        (f"smtps://u:{SECRET}@h.org/?tls=1", "encrypted already"),
    ],
)
def test_servers_that_are_refused(url: str, says: str) -> None:
    """Each with a sentence that does not hold the password."""
    with pytest.raises(ValueError, match="NOTYET_EMAIL_URL") as refused:
        read_mail_server(url)
    assert says in str(refused.value)
    assert SECRET not in str(refused.value)


def test_a_server_does_not_show_its_password() -> None:
    """In a traceback, say."""
    assert SECRET not in repr(read_mail_server(f"smtps://u:{SECRET}@h.org"))


@pytest.mark.parametrize("sender", ["NotYet <notyet@example.org>", "notyet@example.org", "Ann Lee <a.b+c@d.example>"])
def test_senders_that_are_taken(sender: str) -> None:
    """With and without a name."""
    assert read_sender(sender, None) == sender


@pytest.mark.parametrize("sender", ["NotYet", "a@", "@b", "a b@c.org, d", "a@b.org\nBcc: x@y.org"])
def test_senders_that_are_refused(sender: str) -> None:
    """What is no address, or would be more than one header."""
    with pytest.raises(ValueError, match="NOTYET_EMAIL_FROM"):
        read_sender(sender, None)


def test_a_server_needs_a_sender() -> None:
    """There is none to assume."""
    with pytest.raises(ValueError, match="NOTYET_EMAIL_FROM must say"):
        read_sender("", MailServer("h.org", 25))


def test_where_people_reach_the_pages() -> None:
    """Without a slash at the end; required in production where mail is sent."""
    assert read_public_url("https://n.example.org/", production=True, mails=True) == "https://n.example.org"
    assert read_public_url("", production=False, mails=True) == ""
    with pytest.raises(ValueError, match="NOTYET_URL must say"):
        read_public_url("", production=True, mails=True)
    for bad in ("n.example.org", "ftp://n.example.org", "https://", "https://u@n.example.org", "https://n.org/?a=1"):
        with pytest.raises(ValueError, match="is not an address"):
            read_public_url(bad, production=False, mails=False)


def test_the_environment_refuses_a_bad_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As every other setting: with a sentence at the start."""
    monkeypatch.setenv("NOTYET_EMAIL_URL", "smtp://mail.example.org")
    with pytest.raises(BadSetting, match="NOTYET_EMAIL_FROM must say"):
        read_environment()
    monkeypatch.setenv("NOTYET_EMAIL_FROM", "notyet@example.org")
    monkeypatch.setenv("NOTYET_CHAT_HOSTS", "Chat.internal,ntfy.internal")
    found = read_environment()
    assert found.mail_server == MailServer("mail.example.org", 25)
    assert found.chat_hosts == {"chat.internal", "ntfy.internal"}
