"""The peers, each run in a virtualenv of its own on the same blind rows; see `answer` for what they write."""
