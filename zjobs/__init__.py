"""zjobs: z/OS network packet traces without IPCS.

The rooms, in the order in which a packet passes through them:

- ``host``       the system underneath: z/OS through ZOAU, plain files, a simulated LPAR
- ``sources``    foreign inputs: pcap, pcapng
- ``trace``      data set to table: containers, framing, entries, dissection, selection
- ``wire``       what the bytes mean: one file per header or protocol
- ``sessions``   conversations and TCP tracking
- ``findings``   one network problem per file
- ``page``       typesetting; knows no protocol
- ``reports``    one listing per file
- ``exports``    one foreign output format per file
- ``lifecycle``  how a trace is started, proved and stopped; no I/O, no clock
- ``members``    text of PROC, PARMLIB and JCL members
- ``jobs``       what a user asks for
- ``cli``        how they ask: one file per command
"""

__version__ = "0.1.0"
