"""The model: its rules, its two drivers and its books. Knows nothing of configuration files, plots or storage."""
