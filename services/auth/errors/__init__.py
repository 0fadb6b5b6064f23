"""Everything that can go wrong in auth, one class per failure, by subject."""
