"""What runs, counted and timed for Prometheus: the meters, the collector that asks the ledger, and where both are read.

No label holds a trial, a person, an address, a token or an arm: see `meters.LABELS`.
"""
