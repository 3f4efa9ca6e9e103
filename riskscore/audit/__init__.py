"""Whom a ranking burdens and whom it passes over, and whether it knows what it may not."""
