"""Knowing, in milliseconds, whoever this is: identity resolution over the customer graph."""
