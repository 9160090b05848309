"""The demo: how does the service find disturbances in a real stream?"""
