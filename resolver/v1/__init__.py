"""The contract in Python, generated from `proto/resolver/v1` by `make proto`; never edited."""
