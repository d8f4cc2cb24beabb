"""One file per thing that the real API was seen to do."""
