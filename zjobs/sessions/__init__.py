"""Conversations over all packets: who talks with whom, and what TCP's sequence numbers say of it.

conversations  headers of one batch with the key of their conversation
flows          state of one TCP connection, and the analysis of one segment after the other
tracks         the tracker: conversations across batches, results as columns
fields         the same results under Wireshark's names
applications   which protocol each payload speaks, and where its messages are
streams        segments of one direction in order, and the messages they complete
"""
