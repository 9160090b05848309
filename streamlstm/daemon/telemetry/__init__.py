"""Telemetry: what does a worker report, and to whom?"""
