"""Conversations out of mails as programs save and paste them, and out of a line."""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notyet.deals.mail import MOST_BYTES, read_mail
from notyet.deals.mail_text import html_to_text, without_quotes
from notyet.deals.pasted import read_date, read_pasted
from notyet.deals.talk import LONGEST_SUMMARY, Talk, checked
from notyet.deals.values import BadValue

OWN = {"ada@acme.example"}
NOW = datetime(2026, 3, 3, tzinfo=UTC)


def _mail(**headers: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = headers.pop("sender", "Tom Corwin <Tom@corwin.example>")
    mail["To"] = headers.pop("to", "Ada Weiß <ada@acme.example>")
    mail["Subject"] = headers.pop("subject", "Your offer – größer")
    mail["Date"] = "Mon, 02 Mar 2026 09:14:00 +0100"
    return mail


def test_a_mail_from_the_buyer() -> None:
    """Who, when, what, without what it answers; attachments by their names."""
    mail = _mail()
    mail.set_content("Dear Ada,\n\nwhen can we start?\n\nOn Fri, Feb 27, 2026 at 10:00 AM Ada wrote:\n> Here it is\n")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Plan.pdf")
    assert read_mail(mail.as_bytes(), OWN) == Talk(
        at=datetime(2026, 3, 2, 8, 14, tzinfo=UTC),
        channel="email",
        direction="in",
        contact="Tom Corwin",
        summary="Your offer – größer\n\nDear Ada,\n\nwhen can we start?\n\nAttached: Plan.pdf",
    )


def test_a_mail_of_ours() -> None:
    """Sent from an own address it went out, to the first who is none of us."""
    mail = _mail(sender="Ada <ADA@acme.example>", to="ada@acme.example, Ines Köhler <ines@corwin.example>")
    mail.set_content("<p>Hello&nbsp;Ines</p><script>x()</script><p>2 &lt; 3</p>", subtype="html")
    talk = read_mail(mail.as_bytes(), OWN)
    assert (talk.direction, talk.contact) == ("out", "Ines Köhler")
    assert talk.summary == "Your offer – größer\n\nHello Ines\n\n2 < 3"


def test_the_plain_text_is_preferred_and_many_receivers_do_no_harm() -> None:
    """A mail to hundreds is a mail."""
    mail = _mail(to=", ".join(f"Person {n} <p{n}@corwin.example>" for n in range(300)))
    mail.set_content("plain")
    mail.add_alternative("<p>html</p>", subtype="html")
    talk = read_mail(mail.as_bytes(), OWN)
    assert talk.summary.endswith("plain")
    assert talk.contact == "Tom Corwin"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\x00\xff" * 50,
        b"PK\x03\x04 not a mail",
        b"x" * (MOST_BYTES + 1),
        b"From: a@b.example\r\n" + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" * 6_000,
    ],
    ids=["empty", "text", "bytes", "zip", "large", "parts"],
)
def test_what_is_no_mail_is_refused_in_a_sentence(data: bytes) -> None:
    """Never a traceback."""
    with pytest.raises(BadValue) as refused:
        read_mail(data)
    assert refused.value.field == "file"


HEADS = [
    b"From: a@b.example\r\n",
    b"Subject: =?utf-8?q?",
    b"Date: ",
    b"To: ",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
]
HEADS += [
    b"Content-Type: text/html; charset=",
    b"Content-Transfer-Encoding: base64\r\n",
    b"\r\n\r\n",
    b"--b\r\n",
    b"<p>",
    b"=?",
]
HEADS += [
    b"Content-Disposition: attachment; filename*=utf-8''",
    b"Content-Type: message/rfc822\r\n",
    b"(",
    b'"',
    b"<!--",
]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(HEADS), st.binary(max_size=12)), max_size=30))
def test_any_bytes_are_read_or_refused(parts: list[bytes]) -> None:
    """What is read can be kept as it is."""
    try:
        talk = read_mail(b"".join(parts), OWN)
    except BadValue:
        return
    _keep(talk)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=12), st.sampled_from(["call ", "From: ", "\nDate: 3/4/2026 ", "Subject: x\n", "9h", ":"])
        )
    )
)
def test_any_text_is_read_or_refused(parts: list[str]) -> None:
    """The same for what is pasted."""
    try:
        talk = read_pasted("".join(parts), "Europe/Berlin", OWN)
    except BadValue:
        return
    _keep(talk)


def _keep(talk: Talk) -> None:
    try:
        values = checked(talk, NOW, "Europe/Berlin")
    except BadValue as refused:
        assert refused.field in ("at", "minutes")  # yet to come, or longer than a day
        return
    assert len(str(values["summary"])) <= LONGEST_SUMMARY


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "call Tom Corwin 12m missed: asked about price",
            ("call", "in", True, "Tom Corwin", 12.0, "asked about price"),
        ),
        ("← mail", ("email", "in", None, "", None, "")),
        ("-> mail Ines: sent it", ("email", "out", None, "Ines", None, "sent it")),
        ("meeting 50 min with Ines: the plan", ("meeting", "", None, "Ines", 50.0, "the plan")),
        ("called Tom, no answer", ("call", "out", True, "Tom", None, "")),
        ("called Dr. Anna von der Heide 1h 20m", ("call", "out", False, "Dr. Anna von der Heide", 80.0, "")),
        ("Anruf von Tom 5 min verpasst", ("call", "in", True, "Tom", 5.0, "")),
        (
            "mail to Ines Köhler: offer\nand the plan",
            ("email", "out", None, "Ines Köhler", None, "offer\nand the plan"),
        ),
        ("call Tom at 10:30: agreed", ("call", "", False, "Tom", None, "at 10:30 agreed")),
        ("incoming call: wrong number", ("call", "in", False, "", None, "wrong number")),
        ("In the meeting Tom said no", ("note", "", None, "", None, "In the meeting Tom said no")),
        ("note: on leave", ("note", "", None, "", None, "on leave")),
        ("← asks for a date", ("message", "in", None, "", None, "asks for a date")),
    ],
)
def test_a_line_is_understood_plainly(line: str, expected: tuple[object, ...]) -> None:
    """What it was, who, how long, missed, and what was said."""
    talk = read_pasted(line)
    assert (talk.channel, talk.direction, talk.missed, talk.contact, talk.minutes, talk.summary) == expected


@pytest.mark.parametrize(
    ("head", "contact"),
    [
        (
            "Von: Tom Corwin <tom@corwin.example>\nGesendet: Montag, 2. März 2026 09:14\nAn: Ada\nBetreff: Angebot",
            "Tom Corwin",
        ),
        (
            "From: Tom Corwin <tom@corwin.example>\nSent: Monday, March 2, 2026 9:14 AM\nTo: Ada\nSubject: Angebot",
            "Tom Corwin",
        ),
        (
            "From: tom@corwin.example\nDate: Mon, 2 Mar 2026 09:14:00 +0100\nSubject: Angebot\nTo: ada@acme.example",
            "tom@corwin.example",
        ),
        (
            "Von: Ada <ada@acme.example>\nDatum: 02.03.2026 09:14\nBetreff: Angebot\nAn: Tom Corwin <t@x.example>",
            "Tom Corwin",
        ),
    ],
    ids=["outlook german", "outlook english", "raw", "ours"],
)
def test_a_pasted_mail(head: str, contact: str) -> None:
    """The lines above the letter say who, when and what about; the answered letter below is left out."""
    below = "Von: X\nGesendet: Freitag, 27. Februar 2026 10:00\nAn: Y\nBetreff: z\n\nalt"
    text = f"{head}\n\nHallo,\nwann kommt es?\n\n{below}"
    talk = read_pasted(text, "Europe/Berlin", OWN)
    assert talk.at == datetime(2026, 3, 2, 8, 14, tzinfo=UTC)
    assert talk.summary == "Angebot\n\nHallo,\nwann kommt es?"
    assert (talk.channel, talk.contact) == ("email", contact)
    assert talk.direction == ("out" if "Ada <ada@acme.example>\nDatum" in head else "in")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mo., 2. März 2026 um 09:14 Uhr", (2, 9)),
        ("Mon, Mar 2, 2026 at 9:14 PM", (2, 21)),
        ("3/2/2026 12:14 AM", (2, 0)),
        ("14/3/2026 9:14", (14, 9)),
        ("2026-03-02 09:14", (2, 9)),
    ],
)
def test_dates_above_letters(text: str, expected: tuple[int, int]) -> None:
    """As mail programs of two languages write them."""
    at = read_date(text, "UTC")
    assert at is not None
    assert (at.month, at.day, at.hour) == (3, *expected)
    assert at.minute == 14


def test_what_is_no_date_is_none() -> None:
    """The page then takes now."""
    assert read_date("soon", "UTC") is None
    assert read_date("31 Feb 2026", "UTC") is None


def test_answers_between_the_lines_stay() -> None:
    """Where the writer answers below what he quotes, his words are kept and the quoted lines go."""
    assert without_quotes("> When?\nTomorrow.\n> Where?\nHere.") == "Tomorrow.\nHere."
    assert without_quotes("Yes.\n-- \nTom\nCorwin and Sons") == "Yes."
    assert without_quotes("-----Original Message-----\nall there is") == "-----Original Message-----\nall there is"


def test_quoted_html_is_left_out() -> None:
    """As Gmail and others mark it; a comment that never ends hides nothing before it."""
    assert html_to_text('<div>Yes<div class="gmail_quote"><div>old</div>older</div></div><p>Tom') == "Yes\n\nTom"
    assert html_to_text("<p>Yes</p><!-- never ends <p>no") == "Yes"
