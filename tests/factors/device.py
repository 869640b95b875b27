"""A software authenticator: makes and uses one ES256 passkey as a browser would report it."""

from __future__ import annotations

import hashlib
import json
import os
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_decode, websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData

PRESENT = 1
ATTESTED = 64


class Device:
    def __init__(self, *, origin, host):
        self.origin, self.host = origin, host
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(16)
        self.counter = 0

    def create(self, options, **spoil):
        client = self._client("webauthn.create", options, spoil)
        public = ES256.from_cryptography_key(self.key.public_key())
        data = AttestedCredentialData.create(b"\0" * 16, self.credential_id, public)
        flags = spoil.get("flags", PRESENT) | ATTESTED
        auth = AuthenticatorData.create(self._party(spoil), flags, self.counter, bytes(data))
        attestation = AttestationObject.create("none", auth, {})
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "attestationObject": websafe_encode(bytes(attestation)),
            }
        )

    def get(self, options, **spoil):
        self.counter += 1
        client = self._client("webauthn.get", options, spoil)
        auth = self._party(spoil) + struct.pack(">BI", spoil.get("flags", PRESENT), self.counter)
        key = ec.generate_private_key(ec.SECP256R1()) if spoil.get("strange") else self.key
        signature = key.sign(auth + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        if spoil.get("cut"):
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        return self._answer(
            {
                "clientDataJSON": websafe_encode(client),
                "authenticatorData": websafe_encode(auth),
                "signature": websafe_encode(signature),
            },
            spoil.get("credential_id"),
        )

    def _party(self, spoil):
        return hashlib.sha256(spoil.get("host", self.host).encode()).digest()

    def _client(self, kind, options, spoil):
        challenge = spoil.get("challenge") or websafe_decode(options["challenge"])
        told = {
            "type": spoil.get("kind", kind),
            "challenge": websafe_encode(challenge),
            "origin": spoil.get("origin", self.origin),
        }
        return json.dumps(told).encode()

    def _answer(self, response, credential_id=None):
        name = websafe_encode(credential_id or self.credential_id)
        return json.dumps(
            {
                "id": name,
                "rawId": name,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )
