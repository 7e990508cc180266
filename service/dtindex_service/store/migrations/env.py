"""Alembic runs this; the connection comes from :meth:`dtindex_service.store.database.Database.upgrade`."""

from alembic import context

from dtindex_service.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transaction_per_migration=False,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
