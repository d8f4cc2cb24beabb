"""Getting in without a link: codes by mail and their limits."""
