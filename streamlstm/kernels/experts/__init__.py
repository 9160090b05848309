"""The experts of a forecast: what does each one know, and how are they weighted?"""
