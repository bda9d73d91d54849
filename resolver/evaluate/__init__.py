"""How good a partition is: measures against the truth, curves, the worst errors, an audit. Pure."""
