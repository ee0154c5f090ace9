"""The site's own certificate authority, what the two web faces show, and which kiosks are known."""
