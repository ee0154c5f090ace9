<<<<<<< HEAD
<<<<<<< HEAD
"""plates."""
=======
"""Gate's own plate reader."""
>>>>>>> finder
=======
"""The plate reader of our own."""
>>>>>>> reader
