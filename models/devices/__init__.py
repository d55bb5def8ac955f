"""Published device models, one law per module-level `Device`."""
