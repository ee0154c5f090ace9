"""One vehicle's frames, and the one answer they come to."""
