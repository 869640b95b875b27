"""SAML answers as a provider makes them, and the tools to spoil them."""

from __future__ import annotations

import base64
import datetime
import re
import secrets
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from onelogin.saml2.utils import OneLogin_Saml2_Utils

from portal.tenancy.federation import saml

ENTITY = "https://idp.northwind.example/saml"
SSO = "https://idp.northwind.example/sso"
SP = "http://127.0.0.1:8000/signin/saml/northwind/metadata/"
ACS = "http://127.0.0.1:8000/signin/saml/northwind/acs/"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"


def new_key():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp")])
    now = datetime.datetime.now(datetime.UTC)
    made = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=1,
        not_valid_before=now - datetime.timedelta(days=1),
        not_valid_after=now + datetime.timedelta(days=30),
    ).sign(key, hashes.SHA256())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return pem.decode(), made.public_bytes(serialization.Encoding.PEM).decode()


KEY, CERTIFICATE = new_key()
WRONG_KEY, WRONG_CERTIFICATE = new_key()


def provider_settings():
    return saml.settings_of(ENTITY, SSO, [CERTIFICATE])


def at(seconds):
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Story:
    """What an assertion says; a test changes one part."""

    request: str
    subject: str = "ada-at-idp"
    email: str = "ada@northwind.example"
    issuer: str = ENTITY
    audience: str = SP
    recipient: str = ACS
    destination: str = ACS
    format: str = PERSISTENT
    begins: int = -5
    ends: int = 300
    assertion_id: str = field(default_factory=lambda: f"_{secrets.token_hex(8)}")
    response_id: str = "_response1"
    conditions: str | None = None
    confirmation: str | None = None
    status: str = "Success"
    extra: str = ""
    name_id: str | None = None
    attributes: dict = field(default_factory=dict)

    def assertion(self):
        conditions = self.conditions
        if conditions is None:
            conditions = (
                f'<saml:Conditions NotBefore="{at(self.begins)}" NotOnOrAfter="{at(self.ends)}">'
                f"<saml:AudienceRestriction><saml:Audience>{self.audience}</saml:Audience>"
                f"</saml:AudienceRestriction></saml:Conditions>"
            )
        confirmation = self.confirmation
        if confirmation is None:
            confirmation = (
                '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
                f'<saml:SubjectConfirmationData InResponseTo="{self.request}" Recipient="{self.recipient}" '
                f'NotOnOrAfter="{at(self.ends)}"/></saml:SubjectConfirmation>'
            )
        values = {"email": self.email, **self.attributes}
        attributes = "".join(
            f'<saml:Attribute Name="{name}"><saml:AttributeValue>{value}</saml:AttributeValue>'
            "</saml:Attribute>"
            for name, value in values.items()
        )
        name_id = self.name_id or f'<saml:NameID Format="{self.format}">{self.subject}</saml:NameID>'
        return (
            f'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{self.assertion_id}" '
            f'Version="2.0" IssueInstant="{at(0)}"><saml:Issuer>{self.issuer}</saml:Issuer>'
            f"<saml:Subject>{name_id}{confirmation}</saml:Subject>{conditions}"
            f'<saml:AuthnStatement AuthnInstant="{at(0)}"><saml:AuthnContext><saml:AuthnContextClassRef>'
            "urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext>"
            f"</saml:AuthnStatement><saml:AttributeStatement>{attributes}</saml:AttributeStatement>"
            f"{self.extra}</saml:Assertion>"
        )

    def around(self, inner):
        answers = f'InResponseTo="{self.request}" ' if self.request else ""
        return (
            '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
            f'xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{self.response_id}" Version="2.0" '
            f'IssueInstant="{at(0)}" Destination="{self.destination}" {answers}>'
            f"<saml:Issuer>{ENTITY}</saml:Issuer><samlp:Status><samlp:StatusCode "
            f'Value="urn:oasis:names:tc:SAML:2.0:status:{self.status}"/></samlp:Status>{inner}</samlp:Response>'
        )


def signed(assertion, key=KEY, certificate=CERTIFICATE, method=RSA_SHA256, digest=SHA256):
    made = OneLogin_Saml2_Utils.add_sign(
        assertion, key, certificate, sign_algorithm=method, digest_algorithm=digest
    )
    text = made.decode() if isinstance(made, bytes) else made
    return re.sub(r"^<\?xml[^>]*\?>\s*", "", text)


def answer(story, **how):
    return story.around(signed(story.assertion(), **how))


def coded(document):
    return base64.b64encode(document if isinstance(document, bytes) else document.encode()).decode()
