"""Administration: inspection and changes from outside a worker."""
