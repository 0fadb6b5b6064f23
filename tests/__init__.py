"""The proof that it works; README.md says which test goes where."""
