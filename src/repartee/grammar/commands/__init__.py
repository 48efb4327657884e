"""Commands by their parts, with every word accounted for: words to chunks, chunks to clauses, clauses to intents."""
