"""What a worker does for an integration: read both sides, and sync balances."""
