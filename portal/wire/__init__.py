"""Machine addresses: small WSGI callables beside Django, without its middleware.

A handler takes a Request and returns a Reply, or raises a Problem. What a Django request costs in
middleware alone is more than all the work of a gateway call.
"""

from portal.wire.application import application, failure
from portal.wire.reply import Problem, Reply, json_reply
from portal.wire.request import Request

__all__ = ["Problem", "Reply", "Request", "application", "failure", "json_reply"]
