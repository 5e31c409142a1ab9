"""Alembic's way in: the connection we are handed, or one to ``$CREDITBANK_DATABASE_URL``."""

import os

from alembic import context

from creditbank_plugin.storage import tables  # noqa: F401 - fills the metadata
from creditbank_plugin.storage.base import VERSION_TABLE, Base, is_ours
from creditbank_plugin.storage.session import open_engine

handed = context.config.attributes.get("connection")
connection = handed or open_engine(os.environ["CREDITBANK_DATABASE_URL"]).connect()
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_name=lambda name, type_, parents: type_ != "table" or is_ours(name, type_),
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
if handed is None:
    connection.commit()
