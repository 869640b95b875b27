"""Test Request: an operation's form beside its documentation, filled from the document."""
