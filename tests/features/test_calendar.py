"""Time of the year."""

import pytest


@pytest.mark.parametrize(("as_of", "month"), [("2024-01-01", 1), ("2023-12-31", 12), ("1999-07-15", 7)])
@pytest.mark.parametrize(("kind", "entity"), [("site", "S1"), ("employer", "E1")])
def test_the_month_is_told_and_never_the_year(measured, kind, entity, as_of, month) -> None:
    assert measured("calendar", entity=entity, kind=kind, as_of=as_of) == {"month.employer.now": month}
