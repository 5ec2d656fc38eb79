"""Who takes part in a conversation: adding, removing, joining, taking over (MSG-16, MSG-21)."""
