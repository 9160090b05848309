"""Explanations: what led to a forecast, by feature, by expert and by gate?"""
