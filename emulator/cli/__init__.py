"""The command line: serve, save-world, load-world, check-spec."""
