"""Records cut into partitions, each with all that its features read: what an engine and a disk have in common."""
