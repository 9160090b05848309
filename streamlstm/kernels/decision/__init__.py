"""Anomaly scores, prediction intervals and alerts."""
