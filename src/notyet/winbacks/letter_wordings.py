"""The usual wording of a letter on parting, by outcome and language; a workspace may have its own."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from string import Template

LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
PLACES = ("contact", "buyer", "subject", "sender", "workspace", "month")
"""What a wording may name: ``$contact``, ``$buyer`` … ``$month`` is when we would ask again."""


@dataclass(frozen=True)
class Wording:
    """A letter's subject and body with ``$places`` to fill."""

    subject: str
    body: str


@dataclass(frozen=True)
class Facts:
    """What is filled in; empty places leave their line out where it has nothing else."""

    contact: str = ""
    buyer: str = ""
    subject: str = ""
    sender: str = ""
    workspace: str = ""
    month: str = ""


def _usual() -> dict[tuple[str, str], Wording]:
    read = tomllib.loads(resources.files("notyet.winbacks").joinpath("letters.toml").read_text(encoding="utf-8"))
    return {
        (outcome, language): Wording(one["subject"], one["body"])
        for language, table in read.items()
        for outcome, one in table.items()
    }


USUAL = _usual()
"""By outcome and language."""
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}


def month_name(month: int, year: int, language: str) -> str:
    """A month with its year as a letter names it, in a language of ``LANGUAGES``."""
    name = _MONTHS[language].split()[month - 1]
    return f"{name} de {year}" if language == "es" else f"{name} {year}"


def fill(wording: Wording, facts: Facts) -> Wording:
    """The wording with its places filled. A sentence that names a month we do not have is left out.

    An unknown ``$place`` stays as it is written.
    """
    values = {name: getattr(facts, name) for name in PLACES}
    body = wording.body if facts.month else _without(wording.body, "$month")
    body = Template(body).safe_substitute(values)
    lines = [line.rstrip().replace("  ", " ").replace(" ,", ",").replace(" :", ":") for line in body.split("\n")]
    subject = " ".join(Template(wording.subject).safe_substitute(values).split()).rstrip(", ")
    return Wording(subject, "\n".join(lines).strip())


def _without(body: str, place: str) -> str:
    """The text without the sentences that name a place."""
    paragraphs = []
    for paragraph in body.split("\n\n"):
        sentences = paragraph.split(". ")
        kept = [sentence for sentence in sentences if place not in sentence]
        if kept:
            ended = ". ".join(kept)
            paragraphs.append(ended if ended.endswith((".", ",", ":")) or len(kept) == len(sentences) else f"{ended}.")
    return "\n\n".join(paragraphs)
