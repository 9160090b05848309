"""The functions of the network: which elementary ones and which readout do the kernels call?"""
