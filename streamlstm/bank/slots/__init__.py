"""The memory of a bank: where is the state of each stream, and how does it grow?"""
