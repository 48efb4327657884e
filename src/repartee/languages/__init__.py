"""What belongs to one language: a folder of data each (`en`, `de`, ...), and the few functions that read them."""
