"""Reads topics: how does a partition become records in offset order?"""
