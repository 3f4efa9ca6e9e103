"""Watching what was built: yearly figures, drift, and where nobody looks."""
