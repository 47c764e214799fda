"""Which rows of two listings are one facility: compared, scored, paired one to one, and said in words."""
