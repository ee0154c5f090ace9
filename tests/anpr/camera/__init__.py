"""What is measured of a camera's picture, and what is said of it."""
