"""Work by the file: readers, column mapping, rejected rows."""
