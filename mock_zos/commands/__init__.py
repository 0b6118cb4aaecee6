"""The operator commands the simulated console knows: one file per verb.

Each has ``VERBS``, the spellings of the verb, and ``run(system, operands)``, which returns the lines of
the answer.
"""
