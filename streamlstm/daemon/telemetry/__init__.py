"""Telemetry: which events does a worker report, and where are they shown?"""
