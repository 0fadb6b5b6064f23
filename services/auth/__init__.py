"""Who people are, where they belong, and the tokens that say so."""
