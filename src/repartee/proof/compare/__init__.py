"""`repartee compare`: the same work done by us and by others, side by side."""
