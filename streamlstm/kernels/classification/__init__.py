"""The compiled entry of the classifier: what happens to one labelled event, in order?"""
