"""The tools that measure us and others: bench, regression gate."""
