"""Retraining in one command: extracts in, a model fitted, measured, put before the gate, and all of it told."""
