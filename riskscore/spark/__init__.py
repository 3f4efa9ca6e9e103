"""The same work on an engine of many machines: features, training, scoring and SHAP per partition of entities."""
