"""`repartee load`: many people speak to a server at the pace of life; what becomes of each sentence is judged."""
