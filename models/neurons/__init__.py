"""Point neurons, one a file."""
