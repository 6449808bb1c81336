"""The demonstration (`make demo`): a server, a crowd of simulated clients, and the example of a backend."""
