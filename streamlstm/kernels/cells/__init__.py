"""The recurrent cells: how does h advance by one event, and how does its gradient go back?"""
