"""The suite that measures comet-server: against the floor, under wrk, beside its peers.

One program per target of the Makefile: bench_load, bench_wrk, bench_peers. What is measured stands as
data in rows.py; figures.py, table.py and plot.py are pure and have tests; only processes.py,
servers.py and trial.py touch the machine. Nothing but the standard library is used.
"""
