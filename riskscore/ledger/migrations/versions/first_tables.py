"""The chain, the sealed texts beside it, and triggers against altering by accident."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_WORDS = "an entry of the ledger is never altered or removed; add a new one"


def upgrade() -> None:
    """Make both tables; entries take no update and no delete, sealed texts no update."""
    op.create_table(
        "ledger_entries",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.Text, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("run", sa.Text),
        sa.Column("dossier", sa.Text),
        sa.Column("about", sa.Integer),
        sa.Column("erased", sa.Text),
        sa.Column("who_seal", sa.Text, nullable=False),
        sa.Column("why_seal", sa.Text, nullable=False),
        sa.Column("entity_seal", sa.Text),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger_sealed",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{_WORDS}'; END $$"
        )
        for table, when in (("ledger_entries", "UPDATE OR DELETE OR TRUNCATE"), ("ledger_sealed", "UPDATE")):
            op.execute(
                f"CREATE TRIGGER {table}_stay BEFORE {when} ON {table} FOR EACH STATEMENT "
                "EXECUTE FUNCTION ledger_refuses()"
            )
    else:
        for table, when in (("ledger_entries", "UPDATE"), ("ledger_entries", "DELETE"), ("ledger_sealed", "UPDATE")):
            op.execute(
                f"CREATE TRIGGER {table}_no_{when.lower()} BEFORE {when} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END"
            )
