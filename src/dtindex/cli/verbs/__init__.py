"""One file a verb: each has a function `run`, whose signature is the verb's grammar and which returns the exit code."""
