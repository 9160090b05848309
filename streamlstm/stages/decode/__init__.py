"""Decoding: how do the bytes of a record become an event, or a reason why not?"""
