"""The compiled entry of forecasts: what happens to one event, in order?"""
