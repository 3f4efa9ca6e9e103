"""Children at work and forced unrelated work."""


def test_children_and_unrelated_work_are_counted_for_the_employer(measured, visit) -> None:
    visits = [visit(1, "2020-01-01", minors_found=2), visit(2, "2021-01-01", site_id="S2", minors_found=1)]
    findings = [{"finding_id": f"F{i}", "inspection_id": "V1", "indicator": name, "date": "2020-01-01"}
                for i, name in enumerate(("underage", "unrelated_work"))]  # fmt: skip
    found = measured("minors", inspections=visits, findings=findings)
    assert found == {"minors.employer.all": 3, "unrelated_work.employer.all": 1}
    unseen = measured("minors", entity="S2", inspections=visits[:1], findings=findings)
    assert all(value != value for value in unseen.values())
