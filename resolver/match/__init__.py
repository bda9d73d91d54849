"""Comparing evidence: blocking keys, comparison levels and match weights. Pure: values in, values out."""
