"""Questions about the home by their parts, with every word accounted for: words to chunks, chunks to one question."""
