"""The command line `sparknode`, and the product on one machine."""
