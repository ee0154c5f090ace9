"""The reference central system: what stands at the other end of every checkpoint.

It registers short import declarations (Rules 3), keeps importers' risk groups (6), assigns corridors
(7) and publishes them sealed to each site. `serve.py` runs it; `gate.sync.central.audit` reads what it
decided, straight from its database, because no endpoint may tell a corridor before arrival (3.6).
"""
