"""The product on one machine. The only part of the command line that knows the services from within."""
