"""Captures in and out: bytes to frames, and frames to bytes.  Nothing here decodes a packet."""

from .files import Capture, Written, open_capture, write_items
from .model import Block, CaptureError, Frame, Interface, Item, Section

__all__ = [
    "Block",
    "Capture",
    "CaptureError",
    "Frame",
    "Interface",
    "Item",
    "Section",
    "Written",
    "open_capture",
    "write_items",
]
