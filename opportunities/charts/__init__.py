"""Charts drawn by the server: figures of a search as shapes, ready to print. Each page says them as text too."""
