"""How fast the service is on its embedded store, as ratios to what the same machine does bare."""
