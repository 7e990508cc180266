"""Units that a request gives: read, scored against an edition, and told as JSON or as a table."""

from dtindex_service.scoring.asked import Asked
from dtindex_service.scoring.run import run
from dtindex_service.scoring.scored import Scored

__all__ = ["Asked", "Scored", "run"]
