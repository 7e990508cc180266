"""The first schema."""

import sqlalchemy as sa
from alembic import op

from dtindex_service.store.triggers import create_triggers, drop_triggers

revision = "0001"
down_revision = None

_HASH = sa.String(64)
_INSTANT = sa.DateTime(timezone=True)


def _project(*, key: bool = True) -> sa.Column[str]:
    owner = sa.ForeignKey("projects.id")
    return sa.Column("project", sa.String(32), owner, nullable=False, primary_key=key, index=not key)


def upgrade() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False, unique=True),
        sa.Column("created", _INSTANT, nullable=False),
    )
    op.create_table(
        "keys",
        sa.Column("id", sa.String(32), primary_key=True),
        _project(key=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("prefix", sa.String(20), nullable=False),
        sa.Column("digest", _HASH, nullable=False, unique=True),
        sa.Column("scopes", sa.String(100), nullable=False),
        sa.Column("created", _INSTANT, nullable=False),
        sa.Column("expires", _INSTANT),
        sa.Column("revoked", _INSTANT),
        sa.Column("last_used", _INSTANT),
    )
    op.create_table(
        "methodologies",
        _project(),
        sa.Column("hash", _HASH, primary_key=True),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created", _INSTANT, nullable=False),
    )
    op.create_index("ix_methodologies_project_id", "methodologies", ["project", "id"])
    op.create_table(
        "datasets",
        _project(),
        sa.Column("id", _HASH, primary_key=True),
        sa.Column("name", sa.String(400)),
        sa.Column("media_type", sa.String(200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("rows", sa.Integer()),
        sa.Column("columns", sa.Integer()),
        sa.Column("parsed", _HASH),
        sa.Column("created", _INSTANT, nullable=False),
        sa.Column("expires", _INSTANT, index=True),
    )
    op.create_table(
        "editions",
        _project(),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("hash", _HASH, nullable=False),
        sa.Column("methodology", _HASH, nullable=False),
        sa.Column("methodology_id", sa.String(200), nullable=False),
        sa.Column("dataset", _HASH),
        sa.Column("blob", _HASH, nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("created", _INSTANT, nullable=False),
    )
    op.create_index("ix_editions_project_hash", "editions", ["project", "hash"])
    op.create_table(
        "idempotency",
        _project(),
        sa.Column("caller", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("request", _HASH, nullable=False),
        sa.Column("claimed", _INSTANT, nullable=False, index=True),
        sa.Column("token", sa.String(32), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("headers", sa.JSON()),
        sa.Column("body", sa.LargeBinary()),
    )
    op.create_table(
        "audit",
        _project(),
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("key", sa.String(32)),
        sa.Column("action", sa.String(50), nullable=False),
        sa.Column("object", sa.String(300), nullable=False),
        sa.Column("previous", _HASH, nullable=False),
        sa.Column("hash", _HASH, nullable=False),
    )
    create_triggers(op.get_bind())


def downgrade() -> None:
    drop_triggers(op.get_bind())
    for table in ("audit", "idempotency", "editions", "datasets", "methodologies", "keys", "projects"):
        op.drop_table(table)
