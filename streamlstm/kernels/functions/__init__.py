"""Elementary functions and the readout, as called by the kernels."""
