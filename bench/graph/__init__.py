"""How fast the store on a Neo4j server is, as ratios to what a bare driver does on the same server."""
