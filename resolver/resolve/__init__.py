"""From evidence to customers: what falls silent, what is joined, what is suggested. Pure."""
