"""Scores, intervals and alerts: how odd is an event, and is it part of an incident?"""
