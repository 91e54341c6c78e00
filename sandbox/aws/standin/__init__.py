"""The aws provider stand-in: what all resource types share."""
