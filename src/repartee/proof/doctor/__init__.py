"""`repartee doctor`: why an assistant is slow or hears badly on this machine, and what to change."""
