"""Data to something to look at.  Views yield lines of (text, style); who prints them adds the colour."""
