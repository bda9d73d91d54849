"""Made-up customers on every channel, with the truth of who is who: for demonstration and for tests.

Nobody in it exists. A pure function of a seed: the same seed gives the same bytes.
"""
