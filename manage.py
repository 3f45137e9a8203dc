#!/usr/bin/env python
"""Runs management commands: everything an operator does is one of them."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ippro.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
