"""What every test of a page in a real browser shares."""
