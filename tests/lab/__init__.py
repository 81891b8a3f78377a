"""Crafted conversations: the packet level around the TCP machine."""
