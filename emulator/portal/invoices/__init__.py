"""Pages about one invoice outside of a session, and the acts on them."""
