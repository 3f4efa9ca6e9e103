"""Rows in time: what each said, from which day to which, and the numeric kernel that sums them over windows."""
