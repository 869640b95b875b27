"""Calls to `/live/<api>/…`: carried to the tenant's own upstream and back."""
