"""The audit log is append only: the database itself refuses to change or delete an entry."""

from __future__ import annotations

from sqlalchemy import Connection, text

__all__ = ["create_triggers", "drop_triggers"]

_SQLITE = """
CREATE TRIGGER audit_no_{event} BEFORE {event} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append only'); END
"""

_FUNCTION = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append only'; END $$
"""

_POSTGRES = """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
"""


def create_triggers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            connection.execute(text(_SQLITE.format(event=event)))
    else:
        connection.execute(text(_FUNCTION))
        connection.execute(text(_POSTGRES))


def drop_triggers(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            connection.execute(text(f"DROP TRIGGER audit_no_{event}"))
    else:
        connection.execute(text("DROP TRIGGER audit_append_only ON audit"))
        connection.execute(text("DROP FUNCTION audit_append_only"))
