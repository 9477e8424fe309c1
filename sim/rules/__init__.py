"""The rule book: one file per submodel, in the order of the ODD. Each rule is written once, for both drivers."""
