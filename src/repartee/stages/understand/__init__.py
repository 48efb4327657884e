"""From what was said to a plan, or to a question."""
