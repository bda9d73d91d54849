"""Learning the model from records without labels: rows' features in, a model document out. Pure."""
