"""What is measured and what is sought, as data: feature families, recipes, phrases and the grammar they use."""
