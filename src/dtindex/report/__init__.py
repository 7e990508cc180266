"""What people read of a result: figures today; tables and documents come beside them. Needs the extra ``report``."""
