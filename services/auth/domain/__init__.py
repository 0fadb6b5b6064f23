"""The values and rules of auth: pure, without I/O and without a clock."""
