"""The read side: who is this, what is known of them, what has happened. Reads snapshots, writes nothing."""
