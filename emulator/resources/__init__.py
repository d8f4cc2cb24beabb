"""What every domain function works with: the context, updates, the generic tier."""
