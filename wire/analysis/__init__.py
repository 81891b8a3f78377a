"""What only many packets together tell: relative numbers, conversations."""
