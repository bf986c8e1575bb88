"""The oracle: what was to be sent and to be counted, worked out anew from the protocol and what people did.

It is a second opinion, so it shares no code with what it judges: every module here but `reading` imports nothing of
`trial` outside this folder, and takes the protocol as the plain values that its file holds.
"""
