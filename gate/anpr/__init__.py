"""Reading registration plates: recognisers, consensus over frames, and the child process they live in."""
