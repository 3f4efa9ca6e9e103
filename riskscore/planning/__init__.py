"""Which places are visited when, by which office and in which order; and what each visit takes along."""
