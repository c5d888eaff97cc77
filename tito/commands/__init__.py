"""One file a command; each has a function `run` that takes the command's arguments and returns the exit code."""
