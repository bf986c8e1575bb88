"""The time machine of a stepped rehearsal: an application of its own, on this machine alone."""
