#!/usr/bin/env python
"""The portal's command line. `manage.py up` starts everything."""

import os
import sys


def main():
    # Plain syntax only in this file: an old Python must get as far as this sentence.
    if sys.version_info < (3, 11):
        sys.exit("This portal needs Python 3.11 or newer; this is Python %d.%d." % sys.version_info[:2])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    try:
        from django.core.management import execute_from_command_line

        import portal.celery  # noqa: F401 - so that what a command starts reaches the workers
    except ImportError:
        sys.exit("Its packages are not installed. Start it with: uv run manage.py up")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
