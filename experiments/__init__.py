"""What people do with the model: run, sweep, compare, verify, teach and report."""
