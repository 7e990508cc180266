"""``dtindex worker``: works on the jobs of a store, beside a service or without one."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from dtindex import UsageError, finding
from dtindex_service.jobs.runner import Runner
from dtindex_service.logs import make_logger
from dtindex_service.serve import is_configured, open_store, settings_of

__all__ = ["work"]

_LOOK_SECONDS = 0.2


def work(
    ready: Callable[[str, int], None], *, processes: int, data_dir: str | None = None, until_idle: bool = False
) -> int:
    """Work until a signal to stop; its number. Chunks that run may end, or are given back after
    ``DTINDEX_SHUTDOWN_SECONDS``; a second signal gives them back at once.

    Parameters
    ----------
    ready
        Called once, when chunks are taken, with where the store lies and how many processes there are.
    processes
        Chunks that are worked on at a time.
    until_idle
        End when nothing waits any more: 0.

    Raises
    ------
    UsageError
        DT902 where no store is named, or settings are not valid; DT717 for a store that cannot be opened.
    """
    settings = settings_of(data_dir=data_dir)
    if not is_configured(settings):
        message = "name the store to work for, with --data-dir DIR or DTINDEX_DATA_DIR"
        raise UsageError([finding("DT902", message)])
    stopping = threading.Event()
    with open_store(settings) as store, _signals(stopping) as came:
        runner = Runner(store, settings, make_logger(settings), processes, stopping)
        runner.start()
        ready(str(settings.data_dir), processes)
        try:
            while not stopping.wait(_LOOK_SECONDS):
                if until_idle and runner.is_idle():
                    break
        finally:
            patience = threading.Thread(target=runner.stop, args=(settings.shutdown_seconds,))
            patience.start()
            while patience.is_alive():
                patience.join(_LOOK_SECONDS)
                if len(came) > 1:
                    runner.give_up()
    return came[0] if came else 0


@contextmanager
def _signals(stopping: threading.Event) -> Iterator[list[int]]:
    """The signals that came; the first one begins the end."""
    came: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        came.append(number)
        stopping.set()

    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
