"""Earlier referrals."""

CASE = {"case_id": "R1", "employer_id": "E1", "site_id": "S1", "stage": "referred", "abroad": False,
        "date": "2022-01-01", "replaces": None}  # fmt: skip


def referrals(measured, *cases, as_of: str = "2024-01-01"):
    found = measured("cases", as_of=as_of, cases=list(cases))
    return found["referrals.site.all"], found["referrals.employer.all"]


def test_a_referral_counts_once_through_all_its_stages_and_no_more_when_dropped(measured) -> None:
    opened = CASE | {"case_id": "R2", "replaces": "R1", "stage": "opened", "known_on": "2022-06-01"}
    dropped = CASE | {"case_id": "R3", "replaces": "R2", "stage": "dropped", "known_on": "2023-06-01"}
    known = [CASE | {"known_on": "2022-01-10"}, opened, dropped]
    at = [referrals(measured, *known, as_of=d)[0] for d in ("2022-01-10", "2022-01-11", "2022-06-02", "2023-06-02")]
    assert at == [0, 1, 1, 0]


def test_a_case_from_a_police_search_counts_and_one_abroad_does_not(measured) -> None:
    assert referrals(measured, CASE | {"inspection_id": None, "site_id": None}) == (0, 1)
    assert referrals(measured, CASE | {"abroad": True}) == (0, 0)
    assert referrals(measured, CASE | {"abroad": None}, CASE | {"case_id": "R9", "employer_id": "E2"})[0] == 2
