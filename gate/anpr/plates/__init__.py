"""Gate's own plate reader: finds plates' corners, straightens them, reads them, and says how sure it is."""
