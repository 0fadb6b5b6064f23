"""Everything is taken away in every way: `make chaos`, and some of `make slow`."""
