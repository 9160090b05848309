"""JSON records: how are they decoded fast, and why is an invalid one refused?"""
