"""signboards."""
