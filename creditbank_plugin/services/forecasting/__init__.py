"""What an act would mean for learners, computed by the code that settles."""
