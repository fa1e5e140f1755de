"""Charts drawn by the server: figures of a search as shapes. Each page says them as text too."""
