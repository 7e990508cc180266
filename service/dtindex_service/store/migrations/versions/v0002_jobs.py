"""Jobs, and their chunks on lease."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_HASH = sa.String(64)
_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("project", sa.String(32), sa.ForeignKey("projects.id"), nullable=False, primary_key=True),
        sa.Column("id", _HASH, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("edition", _HASH, nullable=False),
        sa.Column("dataset", _HASH, index=True),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False, index=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created", _INSTANT, nullable=False),
        sa.Column("started", _INSTANT),
        sa.Column("ended", _INSTANT),
        sa.Column("created_by", sa.String(32)),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("parts_done", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("size_done", sa.Integer(), nullable=False),
        sa.Column("problem", sa.JSON()),
        sa.Column("results", sa.JSON()),
    )
    op.create_index("ix_jobs_project_created_id", "jobs", ["project", "created", "id"])
    op.create_table(
        "job_chunks",
        sa.Column("project", sa.String(32), primary_key=True),
        sa.Column("job", _HASH, primary_key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("stage", sa.String(10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False, index=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("beat", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(32)),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.Column("died", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(100)),
        sa.ForeignKeyConstraint(["project", "job"], ["jobs.project", "jobs.id"], ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("job_chunks")
    op.drop_table("jobs")
