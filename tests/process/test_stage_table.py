"""Where the labels of a published process stand among others."""

from notyet.process.definition import Definition
from notyet.process.editing import with_field
from notyet.process.stage_table import Label, labels_of
from notyet.process.structure import add_stage
from notyet.process.templates import SHORT, USUAL

PROCESS = USUAL.definition


def _places(labels: tuple[Label, ...]) -> dict[str, int | None]:
    return {one.label: one.position for one in labels}


def test_the_first_version_numbers_its_stages() -> None:
    made = labels_of(PROCESS, [], [])
    assert [(one.label, one.kind, one.position) for one in made][:2] == [
        ("Enquiry", "enquiry", 0),
        ("Discovery", "discovery", 1),
    ]
    assert _places(made)["Paid"] == 5


def test_an_old_name_has_the_place_of_its_stage() -> None:
    later, key = add_stage(with_field(PROCESS, "stage.need.label", "Need in writing"))
    later = with_field(later, f"stage.{key}.label", "Trial")
    made = _places(labels_of(later, [PROCESS], list(labels_of(PROCESS, [], []))))
    assert made["Need agreed"] == made["Need in writing"] == 2
    assert [made[name] for name in ("Proposal", "Trial", "Order placed", "Paid")] == [3, 4, 5, 6]
    gone = _places(labels_of(SHORT.definition, [PROCESS], list(labels_of(PROCESS, [], []))))
    assert gone["Enquiry"] <= gone["Discovery"] <= gone["Offer"]  # type: ignore[operator]


def test_labels_that_an_import_placed_keep_their_places() -> None:
    known = [
        Label("Lead", "enquiry", 0),
        Label("Qualified", "discovery", 1),
        Label("Proposal", "proposal", 2),
        Label("Negotiation", "proposal", 3),
        Label("Closed Won", "order", 4),
        Label("Closed Lost", "lost", 5),
    ]
    made = labels_of(PROCESS, [], known)
    assert "Lead" not in _places(made)
    assert _places(made) == {
        "Enquiry": 0, "Discovery": 1, "Need agreed": 1, "Proposal": 2, "Order placed": 4, "Paid": 4,
    }  # fmt: skip


def test_no_stage_comes_before_the_one_it_follows() -> None:
    known = [Label("Paid first", "paid", 0), Label("Enquiry", "enquiry", 3), Label("Other", "other", 9)]
    places = [one.position or 0 for one in labels_of(Definition(PROCESS.stages), [], known)]
    assert places == sorted(places)
    assert places[0] == 3
