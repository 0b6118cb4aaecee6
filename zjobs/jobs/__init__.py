"""What a user asks for.  ``cli`` parses, ``jobs`` does."""
