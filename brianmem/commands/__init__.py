"""Commands of the command line that are worth a file of their own."""
