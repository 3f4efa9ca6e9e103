"""Bring a ledger's tables up to date; Alembic runs this on a connection inside the writer's transaction."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"], version_table="ledger_version", transactional_ddl=True
)
context.run_migrations()
