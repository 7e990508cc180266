"""Alembic's migrations; they travel in the package."""
