"""The corridor Rules, one function per provision."""
