"""Reading of topics: records of each partition in offset order."""
