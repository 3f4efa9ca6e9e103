"""Everything that is written for people: tables, dossiers, the page that lists them."""
