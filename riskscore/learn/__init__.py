"""Learning: booster, estimator, calibration, baselines and metrics; arrays and frames in, never records."""
