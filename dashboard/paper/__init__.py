"""Paper: what leaves the observatory to be printed, from the same selection as the screen."""
