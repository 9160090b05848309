"""The memory of a bank: where does each stream's state lie, and how does it grow?"""
