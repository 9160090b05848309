"""Administration: what can be seen and changed from outside a worker?"""
