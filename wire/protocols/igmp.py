"""Internet Group Management Protocol -- RFC 2236; version 3 -- RFC 3376 (its records keep their bytes)."""
