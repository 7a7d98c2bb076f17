"""The home page: what do I own, what can I use, what is due, what is wrong."""
