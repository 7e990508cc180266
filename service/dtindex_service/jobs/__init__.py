"""Long analyses that survive whatever happens to those who work on them.

A job is parted into chunks: ``plan`` says which parts there are, each ``part`` is worked out by itself, and ``join``
puts them together. Workers take chunks on lease (:mod:`dtindex_service.store.jobs`), have each done in a child process,
and bring what it gave under the number of the lease. What a chunk gives depends on the job alone, so that it does not
matter who works it out, nor how often.
"""
