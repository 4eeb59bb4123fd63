"""What makes it true: sources, checks, computation, and the refresh that publishes a release."""
