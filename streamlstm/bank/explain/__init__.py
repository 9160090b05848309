"""Explanations: what did each feature, expert and gate contribute to a forecast?"""
