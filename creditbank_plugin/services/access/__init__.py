"""Who calls: clients, what learners let them do, codes and tokens."""
