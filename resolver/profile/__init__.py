"""What is known of one customer: the golden record, the identifiers, the channels in order. Pure."""
