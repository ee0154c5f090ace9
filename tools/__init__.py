"""What builds and draws, outside the product."""
