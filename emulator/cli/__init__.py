"""The command line: serve, save-world, load-world, check-spec, and what acts on a running server."""
