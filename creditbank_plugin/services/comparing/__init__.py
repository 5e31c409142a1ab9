"""The working groups' room: proposals until they are law, what is withdrawn, and what a person reviews."""
