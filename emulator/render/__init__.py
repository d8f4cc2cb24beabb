"""How stored objects are shown: presented, expanded, in the caller's version."""
