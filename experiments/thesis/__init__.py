"""The article's five theses: each an experiment, a rule written down beforehand, a figure and a verdict."""
