"""What is announced: events derived from the journal of a unit of work."""
