"""How does a worker process records and commit the results, and how does it recover?

The first function to read is `task.PartitionTask.process`.
"""
