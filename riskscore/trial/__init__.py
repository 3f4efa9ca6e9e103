"""Field trials of the list against the present way of choosing visits."""
