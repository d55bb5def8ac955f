"""What each device must reproduce: modules named like those of `devices`."""
