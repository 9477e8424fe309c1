"""Holding the model to evidence: targets, the observation model, event statistics, and what the commands share."""
