"""A workspace's own working time: the holidays of its country, and the days it is closed."""

from datetime import date, time

import pytest

from notyet.workspaces.models import Workspace
from notyet.workspaces.working import UnknownCalendar, countries, public_holidays, working_time


def workspace(**settings: object) -> Workspace:
    return Workspace(slug="acme", name="Acme", currency="EUR", **settings)


def test_without_a_country_only_weekends_are_free() -> None:
    working = working_time(workspace())
    assert working.is_working(date(2026, 12, 25))
    assert not working.is_working(date(2026, 12, 26))
    assert (str(working.zone), working.starts, working.ends) == ("UTC", time(9), time(17))


def test_holidays_are_those_of_the_country_and_its_part() -> None:
    epiphany, unity = date(2026, 1, 6), date(2023, 10, 3)
    bavaria = working_time(workspace(country="DE", subdivision="BY", time_zone="Europe/Berlin"))
    berlin = working_time(workspace(country="DE", subdivision="BE", time_zone="Europe/Berlin"))
    assert (bavaria.is_working(epiphany), berlin.is_working(epiphany)) == (False, True)
    assert not bavaria.is_working(unity)
    assert public_holidays("DE", "BY")[epiphany] == "Epiphany"


def test_closed_days_and_other_weeks_are_the_workspaces_own() -> None:
    working = working_time(
        workspace(
            working_days=[6, 0, 1, 2, 3],
            closed_days=[{"day": "2026-12-24", "name": "Christmas Eve"}],
            day_starts=time(8),
            day_ends=time(16, 30),
        )
    )
    assert [working.is_working(date(2026, 12, day)) for day in (20, 24, 25)] == [True, False, False]
    assert (working.starts, working.ends) == (time(8), time(16, 30))


def test_an_unknown_country_says_so() -> None:
    with pytest.raises(UnknownCalendar, match="XX"):
        working_time(workspace(country="XX"))
    with pytest.raises(UnknownCalendar, match="DE, ZZ"):
        working_time(workspace(country="DE", subdivision="ZZ"))


def test_every_country_offered_has_a_calendar() -> None:
    offered = countries()
    assert len(offered) > 100
    assert "BY" in offered["DE"]
    # A calendar that the library knows for some years only (India's) is taken for those, without a warning.
    assert date(2026, 1, 26) in public_holidays("IN")
