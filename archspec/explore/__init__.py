"""Models beside one another: compared, told apart, searched."""
