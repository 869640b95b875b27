"""The floor of the management API at /api/v1/: who calls, problems as answers, pages of lists.

A room adds its own addresses: a TenantAPI in its api.py, its line in api_urls.py, and that in portal/urls.py.
"""
