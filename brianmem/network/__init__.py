"""Train spiking networks of memristive synapses in compiled Brian2 programs.

`structure` names what is compiled, `program` builds, caches and runs it,
`runtime` runs the same objects in Python, `training` drives either in chunks
with checkpoints, `readout` turns spike counts into labels and accuracies.
"""
