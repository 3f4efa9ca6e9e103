"""What people decided: an append-only, hash-chained ledger; what is personal lies sealed apart and can be erased."""
