"""What only a real broker can show, and the broker of all tests can show as well as one of our own."""
