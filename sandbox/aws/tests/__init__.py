"""Tests of the stand-in: `python -m unittest discover --top-level-directory sandbox/aws sandbox/aws/tests`.

All are offline. test_emulator.py starts the AWS emulator on a free port of this machine; the others need nothing.
"""

import logging

# The stand-in logs every failure; here they are provoked.
logging.getLogger("standin").addHandler(logging.NullHandler())
