"""Shared by the estimators: how does a feature dict become a row, and a row a result?"""
