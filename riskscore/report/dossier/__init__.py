"""A dossier as a paper: one file for each group of sections, and one that puts them in the order of an audience."""
