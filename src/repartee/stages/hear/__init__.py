"""From an utterance to what was said."""
