"""Where objects live; callers know only the port."""
