"""The HTTP door: the page, its routes, and what an operator asks for."""
