"""What another program reads in the same packets, and how that is held against ours."""
