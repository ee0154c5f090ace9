"""What one camera shows: the part and the frames worth reading, how good they are, what would better them."""
