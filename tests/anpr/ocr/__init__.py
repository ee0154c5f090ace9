"""The engines made for text of any kind, with their real weights."""
