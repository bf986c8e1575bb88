"""Capsules: a trial's data, protocol, code version and results in one folder that others can check and build on."""
