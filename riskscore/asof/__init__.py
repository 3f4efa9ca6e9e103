"""The past: what was known of each entity on each date, as features, and the rows behind a value."""
