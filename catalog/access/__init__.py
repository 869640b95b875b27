"""What a tenant and the operator set for calls: live addresses, browser origins, rate limits."""
