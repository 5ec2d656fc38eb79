"""Runs the revisions over the connection that the caller gives, within its transaction."""

from alembic import context

from clientportal_sql.schema import metadata
from clientportal_sql.tables import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    version_table=VERSION_TABLE,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
