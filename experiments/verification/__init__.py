"""The model's own rules against closed forms: what ``stalemate verify`` runs, check by check."""
