"""The site's authority, what faces show, and which kiosks are known."""
