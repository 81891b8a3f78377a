"""What captures tell about conversations."""
