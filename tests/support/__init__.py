"""What tests of more than one kind build on."""
