"""A few figures, measured on the real parts: `make bench`, or `python -m tests.bench`."""
