"""The graph of customers: its nouns, the store's protocol and the stores that keep it.

Imports nothing from `resolver`: what a record means is decided there, what is kept is decided here.
"""
