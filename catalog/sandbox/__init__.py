"""The stateful backend that answers calls from tenant-owned data.

What an API's folder may import: `from catalog.sandbox import Call, Refused, Reply, reply`.
"""

from catalog.sandbox.call import Call, Refused, SignedIn, Upload, reply
from portal.wire import Reply

__all__ = ["Call", "Refused", "Reply", "SignedIn", "Upload", "reply"]
