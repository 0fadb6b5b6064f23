"""What an invitation is and what may happen to it: values and rules, without I/O and without a clock."""
