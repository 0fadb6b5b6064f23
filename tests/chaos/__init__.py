"""Everything is taken away in every way: `make chaos`, and the slow tests of `make outages`."""
