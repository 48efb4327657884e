"""The doors: how people and programs of the network reach the one assistant. One room a protocol."""
