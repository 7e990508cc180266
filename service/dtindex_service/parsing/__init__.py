"""Uploads are parsed in a process of their own, under limits of memory and time: a damaged file may kill its reader.

``parent`` starts the processes and hears what they say; ``child`` is what runs in them. Between the two there are lines
of JSON and one Parquet file, and never a pickle.
"""
