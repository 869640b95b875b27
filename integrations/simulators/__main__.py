"""`python -m integrations.simulators bamboohr --port 8001`: what `manage.py up` starts for its demo."""

from __future__ import annotations

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("simulate_hris", *sys.argv[1:])


if __name__ == "__main__":
    main()
