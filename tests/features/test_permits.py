"""Breaches of work-permit rules."""

PERMIT = {"permit_id": "W1", "employer_id": "E1", "workers": 5, "kind": "issued", "date": "2022-06-01",
          "known_on": "2022-06-05", "expires_on": "2023-06-01"}  # fmt: skip


def overdue(measured, *permits, as_of: str = "2024-01-01"):
    return measured("permits", as_of=as_of, permits=list(permits))["overdue.employer.24m"]


def test_people_without_the_permit_are_counted_where_somebody_looked(measured, visit) -> None:
    visits = [
        visit(1, "2020-01-01", workers_without_permit=2),
        visit(2, "2021-01-01", site_id="S2", workers_without_permit=1),
    ]
    found = measured("permits", inspections=visits, permits=[PERMIT])
    assert (found["people_without.site.all"], found["people_without.employer.all"]) == (2, 3)
    unseen = measured("permits", permits=[PERMIT])["people_without.site.all"]
    assert unseen != unseen


def test_a_permit_is_overdue_from_the_day_after_its_last(measured) -> None:
    assert [overdue(measured, PERMIT, as_of=d) for d in ("2023-06-01", "2023-06-02", "2023-07-01")] == [0, 1, 30]


def test_an_extension_ends_it_once_it_is_known(measured) -> None:
    longer = PERMIT | {"permit_id": "W2", "kind": "extended", "date": "2023-06-01", "known_on": "2023-06-10",
                       "expires_on": "2024-06-01"}  # fmt: skip
    assert [overdue(measured, PERMIT, longer, as_of=d) for d in ("2023-06-10", "2023-06-11")] == [9, 0]


def test_a_running_permit_and_none_at_all_look_alike(measured) -> None:
    # otherwise the feature would tell who has foreign workers
    running = PERMIT | {"expires_on": "2025-01-01"}
    assert overdue(measured, running) == overdue(measured, running | {"employer_id": "E2"}) == 0


def test_how_many_work_under_a_permit_changes_nothing(measured) -> None:
    one, many = (measured("permits", permits=[PERMIT | {"workers": n}]) for n in (1, 500))
    assert repr(one) == repr(many)
