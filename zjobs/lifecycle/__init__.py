"""How a trace is started, proved and stopped: tables, plan, steps.  No I/O, no clock, no host."""
