"""Work that takes longer than a request should hold the event loop: done in child processes, under a wall clock."""
