"""Wiring: how does a configuration become a running worker?"""
