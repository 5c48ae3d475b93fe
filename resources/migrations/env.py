"""How a revision reaches the database: in the transaction of the one who asks (resources/schema.py).

Belongs here: what Alembic runs. Does not belong here: an address, the revisions.
"""

from alembic import context

from resources.schema import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()
