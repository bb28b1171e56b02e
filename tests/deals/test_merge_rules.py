"""What merged names come to, and what is left to decide."""

from hypothesis import given
from hypothesis import strategies as st

from notyet.deals.merge_rules import Likeness, kept_names, proposals

NOTHING: dict[str, dict[str, str]] = {"account": {}, "contact": {}, "product": {}}


def _found(*names: tuple[str, int], kind: str = "product") -> Likeness:
    return Likeness(kind, names, "letters")


def test_a_name_counts_as_what_its_last_merge_says() -> None:
    """Through names that were merged later."""
    assert kept_names({"a": "b", "b": "c", "x": "c"}) == {"a": "c", "b": "c", "x": "c"}


def test_a_circle_ends() -> None:
    """The actions make none; should the table hold one, nothing hangs."""
    assert set(kept_names({"a": "b", "b": "a"})) == {"a", "b"}


def test_each_spelling_is_proposed_with_the_most_used() -> None:
    """The rarer ones in the order of their deals."""
    made = proposals([_found(("a", 9), ("A", 4), ("a.", 7))], NOTHING, [])
    assert [(one.keep, one.keep_deals, one.other, one.other_deals) for one in made] == [
        ("a", 9, "a.", 7),
        ("a", 9, "A", 4),
    ]


def test_of_names_used_as_often_the_tidy_one_is_kept() -> None:
    """Neither shouted nor with a space at its end."""
    for untidy in ("HALDEN BAU", "halden bau", " Halden bau", "Halden bau "):
        [made] = proposals([_found((untidy, 1), ("Halden Bau", 1))], NOTHING, [])
        assert (made.keep, made.other) == ("Halden Bau", untidy)


def test_what_was_merged_is_not_proposed_again() -> None:
    """And counts with what it was merged into."""
    kept = {**NOTHING, "product": {"A": "a"}}
    [left] = proposals([_found(("a", 9), ("A", 4), ("a.", 7))], kept, [])
    assert (left.keep, left.keep_deals, left.other) == ("a", 13, "a.")


def test_what_is_not_the_same_is_not_proposed_again() -> None:
    """A spelling that is not the most used name may still be another one."""
    found = [_found(("a", 9), ("A", 4), ("a.", 7))]
    made = proposals(found, NOTHING, [("product", "A", "a")])
    assert [(one.keep, one.other) for one in made] == [("a", "a."), ("a.", "A")]
    assert proposals(found[:1], NOTHING, [("account", "A", "a")]) == proposals(found[:1], NOTHING, [])


def test_the_surest_comes_first() -> None:
    """However much the others are used."""
    unsure = Likeness("account", (("Halden", 900), ("Haldem", 800)), "typing")
    made = proposals([unsure, _found(("a", 2), ("A", 1))], NOTHING, [])
    assert [one.why for one in made] == ["letters", "typing"]


EDGES = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=30)


@given(EDGES, st.data())
def test_splitting_in_any_order_leads_back(pairs: list[tuple[int, int]], data: st.DataObject) -> None:
    """Each merge joins two names that stand for themselves; taking any of them back leaves what the others say."""
    aliases: dict[str, str] = {}
    for keep, other in pairs:
        known = kept_names(aliases)
        root, joined = known.get(str(keep), str(keep)), known.get(str(other), str(other))
        if root != joined:
            aliases[joined] = root
    left = dict(aliases)
    for name in data.draw(st.permutations(sorted(aliases))):
        del left[name]
        resolved = kept_names(left)
        assert name not in resolved
        assert all(root not in left for root in resolved.values())
    assert left == {}
