"""`gate anpr bench`: recognisers on labelled photographs, scored, timed and shown where they fail."""
