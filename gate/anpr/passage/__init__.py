"""One vehicle's frames: which are read, what they agree on, and the one answer its passage gets."""
