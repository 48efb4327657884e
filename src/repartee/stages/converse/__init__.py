"""What no grammar foresees: memory, meaning and the language model."""
