"""HR systems on this machine that speak the documented protocol, for tests and the demo."""
