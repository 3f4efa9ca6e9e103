"""Pages of what is watched: yearly figures, drift, coverage."""
