"""Explanations: contributions of features, experts and gates to a forecast."""
