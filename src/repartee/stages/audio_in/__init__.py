"""From a source of sound to utterances: checks, echo, ducking, wake words, endpoints."""
