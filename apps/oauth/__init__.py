"""The token endpoint and its neighbours, on oauthlib's endpoints, beside Django's middleware."""
