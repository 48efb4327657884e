"""Our monitor in other people's voice programs, and their traces in our terms."""
