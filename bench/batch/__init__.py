"""What batch work costs at millions of rows: whole processes, from file to clusters or to a store."""
