"""`manage.py bench`: servers of their own on loopback, loaded alternately, compared in one run."""
