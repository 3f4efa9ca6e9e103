"""From SHAP values to sentences and dossiers; plain data, which ``report`` writes."""
