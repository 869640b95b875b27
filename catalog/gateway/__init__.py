"""One call of a client program: authenticate, match, limit, validate, dispatch, meter."""
