"""The one way from what arrives to what is stored, and the only module that joins rules with a store.

arrivals -> ledger -> reach -> plan -> apply, and again where what was read is stale
"""

from resolver.pipeline.pipeline import Pipeline

__all__ = ["Pipeline"]
