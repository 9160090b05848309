"""MessagePack records: how are they decoded fast, and what is wrong with one that is not?"""
