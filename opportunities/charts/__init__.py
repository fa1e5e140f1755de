"""Charts drawn by the server: figures of a search as shapes, ready to print, and said as text too."""
