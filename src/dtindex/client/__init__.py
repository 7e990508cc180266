"""A client of the service: what it answers comes back as the library's own objects, what it refuses as its own errors.

It needs the extra ``service`` (httpx2), and nothing else of the service: that may run on another machine.
"""

from dtindex.client.client import Client
from dtindex.client.results import Dataset, NewKey, Profile, ScoredUnits, Stored

__all__ = ["Client", "Dataset", "NewKey", "Profile", "ScoredUnits", "Stored"]
