"""Operator commands: where do they come from, and when do they take effect?"""
