"""Figures about the service for Prometheus: how many requests, how long, how they ended.

Labels are methods, routes as they are written in the description, and statuses; nothing of what was sent.
"""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from dtindex_service import __version__

__all__ = ["Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The figures of one app, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "dtindex_requests", "Requests that ended", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "dtindex_request_seconds",
            "Time from request to answer",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.running = Gauge("dtindex_requests_running", "Requests that run", registry=self.registry)
        self.findings = Counter(
            "dtindex_refused_uploads", "Uploads that were refused, by the first code", ["code"], registry=self.registry
        )
        Gauge("dtindex_version_info", "The version that runs", ["version"], registry=self.registry).labels(
            __version__
        ).set(1)
        self._jobs = Gauge("dtindex_jobs", "Jobs and their chunks, by state", ["state"], registry=self.registry)
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        known = self._known.get((method, route, status))
        if known is None:
            verb = method if method in _METHODS else "other"
            known = (self._requests.labels(verb, route, str(status)), self._seconds.labels(route))
            if verb == method:
                self._known[method, route, status] = known
        counter, histogram = known
        counter.inc()
        histogram.observe(seconds)

    def jobs(self, counts: Mapping[str, int]) -> None:
        """How many jobs, and chunks of them, are in which state now."""
        self._jobs.clear()
        for state, count in counts.items():
            self._jobs.labels(state).set(count)

    def text(self) -> bytes:
        """The figures as Prometheus reads them."""
        return generate_latest(self.registry)
