"""The network around a cell: input scaling, forward pass, gradients and optimizer."""
