"""A name taken apart: what is left of it once spelling and legal forms are put aside. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

NameKind = Literal["account", "contact", "product"]

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ı": "i"})
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_PARTS = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_INITIAL_DOT = re.compile(r"(?<=\b[^\W\d_])\.(?=[^\W\d_]\b|[\s,;)]|$)")
_SIGNS = {"&": " and ", "+": " plus ", "#": " sharp "}

CONNECTORS = frozenset({"and", "und", "et"})
TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "prof", "herr", "frau", "mme", "ing", "dipl", "mag"})
_LEGAL_FORMS = """
gmbh ggmbh mbh ag kg kgaa ohg ug haftungsbeschrankt se ev eg gbr ek
inc incorporated corp corporation co company llc llp lp lllp pllc pc ltd limited plc cic
sa sas sasu sarl eurl snc scop spa srl srls sapa sl slu slne sau sc scs sadecv sapidecv sdecv sderl
bv bvba nv cv vof sprl ab as asa ans aps ivs oy oyj hb kb ehf hf
spzoo sro doo dd ood eood ad zrt kft bt nyrt uab sia ou
pty pte pvt sdnbhd bhd kk gk yk pjsc ooo oao zao pao jsc tov cjsc
ltda eireli epp saic fzco fze fzllc wll
"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())
"""Legal forms as they are once dots and spaces are gone (``s. r. o.`` is ``sro``)."""
_LONGEST_FORM = 4


@dataclass(frozen=True)
class Form:
    """A name's ``words`` without capitals, accents and punctuation; ``core`` is without legal forms and titles."""

    name: str
    words: tuple[str, ...]
    core: tuple[str, ...]

    @cached_property
    def plain(self) -> str:
        """All words run together."""
        return "".join(self.words)

    @cached_property
    def key(self) -> str:
        """The core's words run together: equal keys are the same name written differently."""
        return "".join(self.core)

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """The numbers in it: a model 500 is not a model 501, however alike they look."""
        return tuple(sorted(word for word in self.core if word[0].isdigit()))

    @cached_property
    def ordered(self) -> tuple[str, ...]:
        """The core's words in the alphabet's order."""
        return tuple(sorted(self.core))


def form(name: str, kind: NameKind) -> Form:
    """Take a name apart. Of an e-mail address of a contact only what stands before the @ counts."""
    words = _words(name, kind)
    core = words
    if kind == "account":
        core = _without_legal_form(words)
    elif kind == "contact":
        core = tuple(word for word in words if word not in TITLES) or words
    return Form(name, words, core)


def _words(name: str, kind: NameKind) -> tuple[str, ...]:
    text = name.casefold()
    if kind == "contact":
        text = text.partition("@")[0].replace(".", " ")
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).translate(_LETTERS)
    text = unicodedata.normalize("NFC", text)
    text = _INITIAL_DOT.sub("", text).replace("'", "").replace("’", "")
    words = tuple(_PARTS.findall(text))
    if kind == "product":
        return words
    return tuple(word for word in words if word not in CONNECTORS) or words


def _without_legal_form(words: tuple[str, ...]) -> tuple[str, ...]:
    """Drop what ends a company's name by law, and a leading *the*; never the whole name."""
    left = words[1:] if len(words) > 1 and words[0] == "the" else words
    while (size := _form_at_end(left)) and size < len(left):
        left = left[:-size]
    return left


def _form_at_end(words: tuple[str, ...]) -> int:
    for size in range(min(_LONGEST_FORM, len(words) - 1), 0, -1):
        if "".join(words[-size:]) in LEGAL_FORMS:
            return size
    return 0
