"""The verbs of the library: each takes records and names and returns plain data; commands only print it."""
