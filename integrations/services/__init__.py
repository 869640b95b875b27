"""Changes to integrations, one module a concern."""
