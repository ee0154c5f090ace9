<<<<<<< HEAD
"""plates."""
=======
"""Gate's own plate reader."""
>>>>>>> finder
