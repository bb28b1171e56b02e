"""Which names are proposed as one, and which never."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notyet.deals import likeness
from notyet.deals.likeness import Alike, alike
from notyet.deals.names import NameKind, form


def _pairs(names: list[str], kind: NameKind) -> set[tuple[frozenset[str], str]]:
    return {(frozenset(one.names), one.why) for one in alike(dict.fromkeys(names, 1), kind)}


@pytest.mark.parametrize(
    ("kind", "first", "second", "why"),
    [
        ("product", "NorthPro", "North Pro", "letters"),
        ("product", "care plus", "Care-Plus", "letters"),
        ("product", "Care+", "Care Plus", "letters"),
        ("product", "Gear 500", "GEAR500", "letters"),
        ("account", "Halden", "HALDEN", "letters"),
        ("account", "Halden GmbH", "Halden", "legal_form"),
        ("account", "Halden GmbH & Co. KG", "Halden S.A.S.", "legal_form"),
        ("account", "Halden Sp. z o.o.", "The Halden Company, Inc.", "legal_form"),
        ("account", "Halden s. r. o.", "Halden B.V.", "legal_form"),
        ("account", "Øst & Müller Bau", "Ost und Muller Bau", "letters"),
        ("account", "O'Hara", "OHara", "letters"),
        ("account", "Tyrol Bau", "Bau Tyrol", "word_order"),
        ("account", "Brightford Technolgy", "Brightford Technology", "typing"),
        ("account", "Brightford", "Brihgtford", "typing"),
        ("account", "Mueller AG", "Müller AG", "typing"),
        ("account", "Brightford Technologies", "Brightford Technology", "word"),
        ("contact", "Ida Sommer", "Sommer, Ida", "word_order"),
        ("contact", "Dr. Ida Sommer", "ida sommer", "legal_form"),
        ("contact", "Ida Sommer", "ida.sommer@halden.example", "letters"),
        ("contact", "I. Sommer", "Ida Sommer", "initial"),
        ("contact", "Ida Sommer", "Ida Somner", "typing"),
    ],
)
def test_one_name_in_two_spellings_is_proposed(kind: NameKind, first: str, second: str, why: str) -> None:
    """With the reason that a person would give."""
    assert _pairs([first, second], kind) == {(frozenset((first, second)), why)}


@pytest.mark.parametrize(
    ("kind", "first", "second"),
    [
        ("product", "Gear 500", "Gear 501"),
        ("product", "Care 2.0", "Care 20"),
        ("product", "Care", "Care 2"),
        ("product", "GTA Pro", "GTB Pro"),
        ("product", "Plan II", "Plan III"),
        ("product", "Care Basic", "Care Plus"),
        ("product", "Gear Plus Pro", "Gear Pro"),
        ("product", "Care", "Core"),
        ("product", "C++", "C#"),
        ("account", "Region North", "Region South"),
        ("account", "Hansen AG", "Jansen AG"),
        ("account", "Halden Bau", "Halden Foods"),
        ("account", "SAS", "AG"),
        ("account", "???", "!!!"),
        ("account", "ハ", "バ"),
        ("contact", "Ida Sommer", "Eva Sommer"),
        ("contact", "I. Sommer", "Eva Sommer"),
        ("contact", "Ida", "Ina"),
    ],
)
def test_names_that_mean_different_things_are_not(kind: NameKind, first: str, second: str) -> None:
    """Numbers, short words and first letters are what tells names apart."""
    assert _pairs([first, second], kind) == set()


def test_the_spelling_used_most_comes_first() -> None:
    """And of names used as often the first of the alphabet, so that the answer does not depend on the order."""
    used = {"NORTH PRO": 2, "NorthPro": 2, "North Pro": 7}
    assert alike(used, "product") == [Alike(("North Pro", "NORTH PRO", "NorthPro"), "letters")]
    assert alike(dict(reversed(used.items())), "product") == alike(used, "product")


def test_a_legal_form_alone_is_a_name() -> None:
    """A company may be called SAS; it is not every other company called by its legal form."""
    assert form("SAS", "account").core == ("sas",)
    assert form("The Co", "account").core == ("co",)


NAMES = st.lists(
    st.text(st.sampled_from("abcABC 01.-&éß"), max_size=12) | st.text(max_size=8), max_size=25, unique=True
)


@settings(deadline=None, max_examples=150)
@given(NAMES, st.sampled_from(["account", "contact", "product"]))
def test_what_is_found_is_what_comparing_all_with_all_finds(names: list[str], kind: NameKind) -> None:
    """Each spelling is in one group only, and no pair is proposed that the rule would not call close."""
    found = alike(dict.fromkeys(names, 1), kind)
    groups = [one.names for one in found if one.why in ("letters", "legal_form")]
    spelt = [name for group in groups for name in group]
    assert len(spelt) == len(set(spelt))
    for group in groups:
        assert len({form(name, kind).key for name in group}) == 1
    for one in found:
        if one.why not in ("letters", "legal_form"):
            first, second = (form(name, kind) for name in one.names)
            assert likeness.closeness(first, second, kind) == one.why


WORDS = st.text(string.ascii_lowercase, min_size=6, max_size=12)


@settings(deadline=None, max_examples=150)
@given(st.lists(WORDS, min_size=1, max_size=3), st.data())
def test_a_letter_left_out_is_found_wherever_it_was(words: list[str], data: st.DataObject) -> None:
    """But for the first letter of a name."""
    at = data.draw(st.integers(0, len(words) - 1))
    letter = data.draw(st.integers(1, len(words[at]) - 1))
    wrong = [*words[:at], words[at][:letter] + words[at][letter + 1 :], *words[at + 1 :]]
    first, second = " ".join(words), " ".join(wrong)
    if form(first, "product").key != form(second, "product").key:
        assert (frozenset((first, second)), "typing") in _pairs([first, second, "Something Else"], "product")


def test_fifty_thousand_names_are_not_compared_with_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even where all of them look alike: the comparisons grow with the names, not with their square."""
    compared = 0
    real = likeness.closeness

    def counting(*pair: object) -> object:
        nonlocal compared
        compared += 1
        return real(*pair)  # type: ignore[arg-type]

    monkeypatch.setattr(likeness, "closeness", counting)
    letters = "bcdfghklmn"
    names = [
        f"{a}{b}{c}o{d}{e} {word} GmbH"
        for word in ("Technologies", "Systems", "Bau", "Foods", "Textil")
        for a in letters[:1] + "p"
        for b in letters[:5]
        for c in letters
        for d in letters
        for e in letters
    ]
    assert len(names) == 50_000
    found = alike(dict.fromkeys(names, 1), "account")
    assert found
    assert compared < 100 * len(names)
