"""PostgreSQL as a source, where its server is installed."""

from __future__ import annotations

import pandas as pd
import pytest

from riskscore.errors import RecordsError
from riskscore.records import read_records


def test_a_postgresql_database_gives_its_records_and_never_its_password(postgresql: str) -> None:
    import sqlalchemy

    engine = sqlalchemy.create_engine(postgresql)
    with engine.begin() as connection:
        for statement in (
            "create table inspections (inspection_id text, site_id bigint, date date, known_on timestamptz,"
            ' workers_present int, share numeric(6, 3), "Caller name" text)',
            "insert into inspections values ('007', 42, '2024-01-31', '2024-02-05 10:00+04', 12, 0.125, 'Aysel'),"
            " ('008', 43, '2024-02-01', null, null, null, 'Aysel')",
        ):
            connection.execute(sqlalchemy.text(statement))
    engine.dispose()
    frame = read_records(postgresql)["inspections"].frame
    assert frame["inspection_id"].tolist() == ["007", "008"]
    assert frame["site_id"].tolist() == ["42", "43"]
    assert frame["known_on"].tolist() == [pd.Timestamp("2024-02-05"), pd.Timestamp("2024-02-01")]
    assert frame["share"].tolist()[0] == 0.125
    assert not frame.astype("str").isin(["Aysel"]).any().any()
    with pytest.raises(RecordsError) as found:
        read_records(postgresql.replace("p%40ss%20word", "wr0ng"))
    assert "wr0ng" not in str(found.value)
    assert "office" not in str(found.value)
