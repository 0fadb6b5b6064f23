"""All SQL of auth: one module per table, one statement per function."""
